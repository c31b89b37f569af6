"""Threads and the hand-over between them: capture, inference, and the run itself."""
