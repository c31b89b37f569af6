"""Which network, and which way to run it: what is possible here, what is fastest, what was found before."""
