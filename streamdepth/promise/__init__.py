"""A promise of latency or rate: which network, size and interval keep it, from measured times, and the share kept."""
