"""Depth to picture: range over time, colour, layout."""
