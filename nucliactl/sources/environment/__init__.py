"""Credentials in variables: of the process, of a `.env`, of an `--env-file`."""
