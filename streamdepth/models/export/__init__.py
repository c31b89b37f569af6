"""Network files, graph and weights: their formats, how they are written, and the cache of conversions."""
