"""Drawn scenes, losses and the training loop."""
