"""Several inputs one after the other with one network: what is planned, how it goes, what came of it."""
