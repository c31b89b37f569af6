"""One encoder for all who watch live."""
