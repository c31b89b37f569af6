"""Runs that go on where an earlier one ended, and what is written of those that are complete."""
