"""Providers: what hands a secret to the HTTP layer at the moment it is needed."""
