"""Profiles that a team keeps on a server, in Redis or Vault: reading them, writing them, following them."""
