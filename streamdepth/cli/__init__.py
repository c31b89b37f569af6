"""The command line: from words to a run, and from what happens to words."""

from __future__ import annotations

from streamdepth.cli.entry import main

__all__ = ["main"]
