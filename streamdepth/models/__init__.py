"""The networks, their weights and what goes into them."""
