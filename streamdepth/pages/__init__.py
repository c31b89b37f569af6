"""The web pages: of live depth, of the depth service, and what both are made of; each service shows its own at `/`."""
