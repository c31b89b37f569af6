"""How good is the depth: metrics and data sets."""
