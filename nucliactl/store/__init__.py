"""The store's files: each format is read and written in one module, and only here."""
