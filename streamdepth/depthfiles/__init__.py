"""The formats of depth as numbers, for those who read them and those who write them."""
