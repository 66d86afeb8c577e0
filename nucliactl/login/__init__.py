"""Logging in: from what a person gives to a validated, saved and active profile."""
