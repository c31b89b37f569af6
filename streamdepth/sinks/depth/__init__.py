"""Depth itself, as numbers in files."""
