"""Times of capture as wall-clock time, for messages to other programs."""

from __future__ import annotations

import time


def wall_clock(captured_at: float) -> float:
    """Seconds since 1970 of a moment of `time.monotonic()`."""
    return time.time() - (time.monotonic() - captured_at)
