"""The formats of depth as numbers, for readers and writers."""
