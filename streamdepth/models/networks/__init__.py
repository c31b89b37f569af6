"""The networks themselves, in PyTorch, and what builds one of a weights file."""
