"""Text of others as it may be shown: names of files, titles, what a server answers."""

from __future__ import annotations

import re

_HIDDEN = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters (C0, C1), other ends of lines, what turns the direction of text, and bytes that are no UTF-8."""


def visible(text: str) -> str:
    """`text` on one line and without a word for the terminal, which some names hold: each as Python writes it."""
    return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
