"""An offline stand-in of the service, for trying the tool and for tests. Nothing in it is real."""
