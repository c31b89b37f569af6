"""Depth that was written before, as an input: it is coloured anew, without a network."""
