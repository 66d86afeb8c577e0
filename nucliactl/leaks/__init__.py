"""Keys of the service where they do not belong: in files that are about to be committed."""
