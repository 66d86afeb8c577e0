"""One file a command: parser, call, print."""
