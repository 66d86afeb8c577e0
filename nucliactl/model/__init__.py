"""Profiles as data: kinds, fields, names, endpoints and keys. No I/O and no heavy import."""
