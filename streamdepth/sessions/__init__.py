"""Sessions: what a live run was given, when, and what became of it, in one Matroska file that any player shows."""
