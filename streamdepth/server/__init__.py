"""`streamdepth serve`: pictures in, depth out, over HTTP."""
