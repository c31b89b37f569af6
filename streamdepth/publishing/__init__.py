"""Live depth sent to media servers."""
