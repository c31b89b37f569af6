"""Cameras that give single pictures over HTTP: asked again and again."""
