"""How large the input of a network is where nobody says otherwise; loads nothing, as options need it."""

STRIDE = 32
"""Width and height of the input are multiples of this, for all networks that do not say otherwise."""
USUAL_SIZE = 256
"""Pixels of the longer side of the input, where nobody asks for others."""
