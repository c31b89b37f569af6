"""Whole numbers as headers have them."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"[0-9]{1,18}")
"""No header has more of them, and Python refuses to read some thousands."""


def whole_number(text: str) -> int | None:
    """The number that `text` is, or None where it is none, or longer than any that is meant."""
    return int(text) if _DIGITS.fullmatch(text) else None
