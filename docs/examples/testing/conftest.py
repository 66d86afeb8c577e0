pytest_plugins = ["nucliactl.testing"]
