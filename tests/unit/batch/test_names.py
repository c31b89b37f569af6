"""Patterns of outputs."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from streamdepth.batch.names import Named, check_pattern, place_of_file, place_of_folder, split_pattern
from streamdepth.errors import UsageError

STREET = Named(PurePath("clips/day1/street.v2.mov"), PurePath("day1"), 7)
OUT = Path("out")


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("{folder}/{name}", "out/day1/street.v2.mp4"),
        ("{name}-depth", "out/street.v2-depth.mp4"),
        ("{file}", "out/street.v2.mov.mp4"),
        ("{parent}_{number:03d}.mkv", "out/day1_007.mkv"),
        ("{name}.png", "out/street.v2.mp4"),
        ("{name}.x", "out/street.v2.x.mp4"),
        ("./a//{name}", "out/a/street.v2.mp4"),
    ],
)
def test_a_pattern_gives_the_path_of_a_film(pattern: str, place: str) -> None:
    check_pattern(pattern)
    known = {".mp4", ".mkv", ".png"}
    assert place_of_file(OUT, pattern, STREET, (".mp4", ".mkv"), known) == Path(place)


def test_pictures_go_where_the_pattern_leads_and_keep_their_names() -> None:
    photos = Named(PurePath("photos"), PurePath(), 1)
    assert place_of_folder(OUT, "{folder}/{name}", photos) == OUT
    assert place_of_folder(OUT, "{parent}/{name}", STREET) == OUT / "day1"


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("{nmae}", "cannot be read"),
        ("{name", "cannot be read"),
        ("{}", "cannot be read"),
        ("{name.__class__}", "is not a word"),
        ("{name!r:{file}}", "cannot be read|is not a word"),
        ("../{name}", "leads out"),
        ("/tmp/{name}", "leads out"),
        ("", "leads out"),
    ],
)
def test_a_pattern_that_names_no_place_below_the_folder_is_refused(pattern: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        check_pattern(pattern)


def test_a_pattern_that_leaves_nothing_of_a_name_is_refused() -> None:
    at_the_top = Named(PurePath("a.mp4"), PurePath(), 1)
    with pytest.raises(UsageError, match=r"gives a.mp4 no name"):
        place_of_file(OUT, "{folder}", at_the_top, (".mp4",), {".mp4"})


def test_an_output_may_hold_the_pattern_itself() -> None:
    assert split_pattern(Path("/x/out/{folder}/{name}.mkv"), "{file}") == (
        Path("/x/out"),
        "{folder}/{name}.mkv",
    )
    assert split_pattern(OUT, "{file}") == (OUT, "{file}")
