"""Cameras of this machine."""
