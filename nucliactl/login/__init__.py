"""Making profiles: from what a person gives to a validated, saved and active one."""
