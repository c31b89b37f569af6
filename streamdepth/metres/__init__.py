"""Metres of relative depth: a line that a few known distances give, kept for one fixed camera."""
