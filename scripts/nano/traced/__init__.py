"""Draws pictures that look like photographs, with their exact depth: a small path tracer and what it draws."""
