"""Changing stored profiles: editing, switching, forgetting, pinning, importing."""
