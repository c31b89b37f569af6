"""MP4 whose edit list shows a part of its pictures, some of them twice, or all of them later."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest
from edit_lists import edit
from films import greys, write_film

from streamdepth.sources.video.source import VideoSource

RATE = 25


@pytest.mark.parametrize(
    ("edits", "shown"),
    [
        ([(0, 30)], range(30)),
        ([(13, 17)], range(17)),
        ([(0, 20)], range(20)),
        ([(0, 10), (20, 10)], range(20)),
        ([(0, 10), (0, 10)], range(20)),
        ([(None, 25), (0, 30)], range(25, 55)),
    ],
    ids=["all", "from a later one", "to an earlier one", "without the middle", "twice", "later"],
)
def test_as_many_pictures_are_announced_as_an_edit_list_shows(
    tmp_path: Path, edits: list[tuple[int | None, int]], shown: range
) -> None:
    film = write_film(tmp_path / "film.mp4", greys(range(30)), rate=RATE, bf="0")
    edit(
        film,
        [(None if first is None else Fraction(first, RATE), Fraction(count, RATE)) for first, count in edits],
    )
    with closing(VideoSource(film)) as source:
        times = [frame.pts for frame in iter(source.read, None)]
        assert [time * RATE for time in times] == list(shown)
        assert source.info.frame_count == len(times)
