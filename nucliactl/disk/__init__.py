"""Bytes and paths; nothing here knows what a profile is."""
