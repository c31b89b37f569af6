"""One run: what is wanted, what can be wrong about it, and how it is put together."""
