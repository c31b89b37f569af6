"""What is said of a folder of pairs."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from streamdepth.cli.commands.data_options import DataOptions, places_read
from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.errors import UsageError
from streamdepth.evaluation.rgbd import LAYOUTS, RgbdPair
from streamdepth.run.places import Place


def test_the_words_of_the_options_are_those_of_the_library() -> None:
    words = get_type_hints(DataOptions)
    assert get_args(words["layout"]) == LAYOUTS
    kinds, _ = get_args(words["depth_kind"])
    assert get_args(kinds) == tuple(kind.value for kind in DepthKind)


@pytest.mark.parametrize(
    ("options", "unit"),
    [
        (DataOptions(), None),
        (DataOptions(depth_scale=256.0), DepthUnit(DepthKind.METRES, 256.0)),
        (DataOptions(depth_kind="millimetres"), DepthUnit(DepthKind.MILLIMETRES, 1.0)),
        (DataOptions(depth_kind="inverse", depth_scale=10.0), DepthUnit(DepthKind.INVERSE, 10.0)),
    ],
)
def test_what_is_left_out_of_the_unit_is_left_to_the_layout_or_is_metres(
    options: DataOptions, unit: DepthUnit | None
) -> None:
    assert options.unit() == unit


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_an_odd_scale_is_wrong_usage(scale: float) -> None:
    with pytest.raises(
        UsageError, match=r"a depth scale of \S+ makes no sense \(give stored values per metre"
    ):
        DataOptions(depth_scale=scale).unit()


def test_pairs_are_found_in_the_layout_and_the_unit_that_are_named(tmp_path: Path) -> None:
    for name in ("rgb/1.png", "depth/1.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (pair,) = DataOptions("nyuv2", "metres", 5000.0).find(tmp_path)
    assert (pair.colour, pair.depth) == (tmp_path / "rgb/1.png", tmp_path / "depth/1.png")
    assert pair.unit == DepthUnit(DepthKind.METRES, 5000.0)
    with pytest.raises(OSError, match="in the layout kitti"):
        DataOptions("kitti").find(tmp_path)


def test_every_file_that_a_command_reads_of_a_folder_is_known(tmp_path: Path) -> None:
    network, weights = tmp_path / "net.xml", tmp_path / "net.bin"
    for path in (network, weights):
        path.touch()
    pairs = [RgbdPair(Path("a.png"), Path("a.npy"), Path("mask.npy")), RgbdPair(Path("b.png"), Path("b.npy"))]
    files = ("a.png", "a.npy", "mask.npy", "b.png", "b.npy")
    config = Path("c.toml")
    assert list(places_read(Path("data"), pairs, str(network), config)) == [
        Place("DATA", Path("data")),
        *(Place("DATA", Path(name), named=False) for name in files),
        Place("--model", network),
        Place("--model", weights, named=False),
        Place("--config", config),
    ]
    assert list(places_read(Path("data"), [], "nano", None)) == [Place("DATA", Path("data"))]
