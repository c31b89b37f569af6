"""How the bundled network learns: its start, its batches, its judges."""
