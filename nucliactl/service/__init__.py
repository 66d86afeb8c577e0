"""Calls to the service as generators: they yield requests, are sent responses, and do no I/O."""
