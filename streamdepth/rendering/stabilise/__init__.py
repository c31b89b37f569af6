"""Depth that holds still over time."""
