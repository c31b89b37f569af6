"""Times of a recording as people type them, such as `90`, `1:30` or `1:02:03.5`, and the usual frame rate."""

from __future__ import annotations

import re
from fractions import Fraction

USUAL_RATE = Fraction(25)
"""Frames a second where nobody names a rate."""
_TIME = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,2}):)?(\d{1,9}(?:\.\d{1,9})?)")


def seconds_of(text: str) -> Fraction | None:
    """The exact seconds of a time; None where the text is none, as where 60 seconds or more follow minutes."""
    match = _TIME.fullmatch(text)
    if match is None or (match[2] is not None and Fraction(match[3]) >= 60):
        return None
    return Fraction(match[3]) + 60 * int(match[2] or 0) + 3600 * int(match[1] or 0)


def time_text(seconds: Fraction) -> str:
    """`0:01:02.500`, rounded up to milliseconds, so that the picture at that time is not missed."""
    milliseconds = -(-seconds * 1000 // 1)
    whole, rest = divmod(int(milliseconds), 1000)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}.{rest:03d}"
