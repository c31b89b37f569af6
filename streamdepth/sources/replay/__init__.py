"""Recordings that are played as if they were live."""
