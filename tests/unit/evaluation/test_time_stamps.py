"""Pictures and depth that are paired by the time in their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamdepth.errors import SourceError
from streamdepth.evaluation.time_stamps import APART, LISTS, listed_pairs, nearest_pairs, stamp_of


def paths(folder: str, *stamps: str) -> list[Path]:
    return [Path(folder, f"{stamp}.png") for stamp in stamps]


def paired(colours: list[Path], depths: list[Path]) -> list[tuple[str, str]]:
    return [(colour.stem, depth.stem) for colour, depth in nearest_pairs(colours, depths)]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    for name in ("rgb/1.5.png", "rgb/2.5.png", "depth/1.6.png", "depth/2.6.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def listed(scene: Path, text: str, name: str = "associations.txt") -> list[tuple[str, str]]:
    (scene / name).write_text(text)
    return [
        (str(colour.relative_to(scene)), str(depth.relative_to(scene)))
        for colour, depth in listed_pairs([scene / name])
    ]


@pytest.mark.parametrize(
    ("name", "stamp"),
    [
        ("1305031102.175304.png", 1305031102.175304),
        ("0.001.png", 0.001),
        ("12.123456789.exr", 12.123456789),
        ("1305031102.png", None),
        ("10.04.png", None),
        ("10.1234567890.png", None),
        ("a10.040.png", None),
        ("10.040_depth.png", None),
        ("-1.500.png", None),
    ],
)
def test_a_time_is_seconds_with_milliseconds_at_least(name: str, stamp: float | None) -> None:
    assert stamp_of(Path("rgb", name)) == stamp


def test_the_nearest_go_together_even_where_another_comes_first() -> None:
    colours, depths = paths("rgb", "10.000", "10.015"), paths("depth", "10.014", "10.040")
    assert paired(colours, depths) == [("10.015", "10.014")]


def test_what_is_left_over_takes_the_next_that_is_near() -> None:
    colours, depths = paths("rgb", "10.000", "10.015"), paths("depth", "10.014", "9.990")
    assert paired(colours, depths) == [("10.000", "9.990"), ("10.015", "10.014")]


def test_what_lies_further_apart_than_the_bound_is_no_pair() -> None:
    assert APART == 0.02
    assert paired(paths("rgb", "10.000"), paths("depth", "10.019")) == [("10.000", "10.019")]
    assert paired(paths("rgb", "10.000"), paths("depth", "10.021")) == []
    assert paired(paths("rgb", "10.000"), paths("depth", "9.979")) == []


def test_pairs_come_in_the_order_of_time_and_not_of_their_names() -> None:
    stamps = ("10.000", "9.500", "100.000")
    assert [colour for colour, _ in paired(paths("rgb", *stamps), paths("depth", *stamps))] == [
        "9.500",
        "10.000",
        "100.000",
    ]


def test_what_bears_no_time_is_left_out() -> None:
    assert paired(paths("rgb", "a", "10.000"), paths("depth", "10.000", "b")) == [("10.000", "10.000")]
    assert paired([], paths("depth", "10.000")) == []


def test_a_list_is_read_in_either_order_without_its_comments(scene: Path) -> None:
    text = (
        "# time file time file\n\n1.5 rgb/1.5.png 1.6 depth/1.6.png\n2.6 depth/2.6.png 2.5 rgb/2.5.png more\n"
    )
    assert listed(scene, text) == [("rgb/1.5.png", "depth/1.6.png"), ("rgb/2.5.png", "depth/2.6.png")]


def test_lines_that_are_cut_short_say_nothing(scene: Path) -> None:
    assert listed(scene, "1.5 rgb/1.5.png 1.6\nrgb/1.5.png\n") == []


@pytest.mark.parametrize("name", LISTS)
def test_every_known_name_of_a_list_is_read(scene: Path, name: str) -> None:
    assert listed(scene, "1.5 rgb/1.5.png 1.6 depth/1.6.png", name) == [("rgb/1.5.png", "depth/1.6.png")]


def test_other_text_files_are_no_lists(scene: Path) -> None:
    assert listed(scene, "1.5 rgb/1.5.png 1.6 depth/1.6.png", "rgb.txt") == []


@pytest.mark.parametrize(
    ("line", "missing"),
    [("1 rgb/1.5.png 1 depth/9.9.png", "depth/9.9.png"), ("1 rgb/9.9.png 1 depth/1.6.png", "rgb/9.9.png")],
)
def test_a_file_that_is_listed_and_not_there_is_told_with_the_list(
    scene: Path, line: str, missing: str
) -> None:
    with pytest.raises(SourceError) as caught:
        listed(scene, line)
    where = scene / "associations.txt"
    assert (
        str(caught.value)
        == f"{where} names {scene / missing}, which is not there (unpack the data set again)"
    )
