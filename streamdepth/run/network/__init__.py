"""Where a run gets its network, and what it checks of it."""
