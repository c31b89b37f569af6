"""Times of capture by the clock of the day, for those who tell them to others."""

from __future__ import annotations

import time


def wall_clock(captured_at: float) -> float:
    """Seconds since 1970 of a moment of `time.monotonic()`."""
    return time.time() - (time.monotonic() - captured_at)
