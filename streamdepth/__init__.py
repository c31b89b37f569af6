"""Turns any video into live depth on an ordinary CPU."""

from __future__ import annotations

__version__ = "0.1.0"
