"""Weights files: where they are, how they get there, and what is in them."""

from streamdepth.models.weights.store import DATA

__all__ = ["DATA"]
