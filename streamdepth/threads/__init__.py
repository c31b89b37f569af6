"""Threads, and the one way to hand values from one to another: every thread has an owner, every wait a bound."""
