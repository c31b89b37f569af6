"""Where words for a person go: standard error, so that standard output holds results only."""

from __future__ import annotations

from rich.console import Console


def error_console() -> Console:
    """A console on standard error that never breaks a line by itself."""
    return Console(stderr=True, soft_wrap=True)
