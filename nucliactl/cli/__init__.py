"""The command line: one name leads to one module, and one place turns errors into words."""
