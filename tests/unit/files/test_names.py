import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from streamdepth.errors import SinkError
from streamdepth.files import index_path, manifest_path, part_path, resolved, with_end
from streamdepth.files.names import journal_path, private_path, second_part_path, state_path

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no such links")


@pytest.mark.parametrize(("name", "part"), [("depth.mp4", "depth.part.mp4"), ("depth", "depth.part")])
def test_the_suffix_of_a_part_stays_last(name: str, part: str) -> None:
    assert part_path(Path("a") / name) == Path("a") / part


def test_two_long_names_that_are_cut_have_parts_of_their_own() -> None:
    first, second = (part_path(Path("x" * 249 + end + ".mp4")) for end in "ab")
    assert first != second
    assert max(len(os.fsencode(part.name)) for part in (first, second)) <= 255


def test_a_private_part_has_no_name_twice() -> None:
    parts = {private_path(Path("a.mp4")) for _ in range(100)}
    assert len(parts) == 100
    assert all(part.name.endswith(".part.mp4") for part in parts)


@POSIX
def test_a_link_is_resolved_and_what_is_none_is_itself(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    assert resolved(tmp_path / "link") == tmp_path / "real"
    assert resolved(tmp_path / "real") == tmp_path / "real"


@POSIX
def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(SinkError, match="leads nowhere"):
        resolved(tmp_path / "a")


def test_what_is_kept_beside_an_unfinished_file_bears_its_whole_name() -> None:
    film = Path("x/depth.mp4")
    beside = (second_part_path(film), journal_path(film), state_path(film))
    assert [path.name for path in beside] == [
        "depth.part-2.mp4",
        "depth.mp4.part.journal",
        "depth.mp4.part.state",
    ]
    assert journal_path(Path("depth.mkv")) != journal_path(Path("depth.mp4"))


def test_what_stands_beside_a_whole_file_bears_its_name() -> None:
    beside = (
        manifest_path(Path("depth.mp4")),
        index_path(Path("depth.mkv")),
        with_end(Path("depth.mkv"), ".range.spool"),
    )
    assert [path.name for path in beside] == [
        "depth.mp4.manifest.json",
        "depth.json",
        "depth.mkv.range.spool",
    ]


@pytest.mark.parametrize("named", [second_part_path, journal_path, state_path, manifest_path, index_path])
def test_so_do_those_of_a_name_that_is_as_long_as_it_may_be(named: Callable[[Path], Path]) -> None:
    long = Path("映" * 83 + "ab.mp4")
    assert len(os.fsencode(named(long).name)) <= 255
    assert named(long) != named(Path("映" * 83 + "ac.mp4"))
