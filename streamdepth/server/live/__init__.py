"""Cameras that clients send to the depth service: a run for each, with the lanes of all."""
