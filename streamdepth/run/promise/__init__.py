"""How a run keeps a promise of latency or rate."""
