"""The active profile for other packages of the ecosystem; each is imported only when it is asked for."""
