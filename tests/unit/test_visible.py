"""What names of others may not do to a terminal."""

from __future__ import annotations

import pytest

from streamdepth.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb.mp4", r"a\nb.mp4"),
        ("\x1b[2Jgone.mp4", r"\x1b[2Jgone.mp4"),
        ("\x9b31m.mp4", r"\x9b31m.mp4"),
        ("a\u202e4pm.exe", r"a\u202e4pm.exe"),
        ("bad\udcff.mp4", r"bad\udcff.mp4"),
        ("100%d [red] über\u202fPM \U0001f468\u200d\U0001f469.mp4",) * 2,
    ],
)
def test_each_stays_on_one_line_and_says_nothing_to_the_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown
