"""One encoder for all live viewers."""
