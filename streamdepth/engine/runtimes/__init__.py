"""Backends: one module for each runtime that can run a network, and the registry of them."""
