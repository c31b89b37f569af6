"""Runs a network: one module a runtime."""
