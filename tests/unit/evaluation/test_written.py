"""Written depth is judged as the network that gave it would be."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from depths import info, maps, rendered

from streamdepth.cli.app import _exit_status
from streamdepth.depthfiles.pictures import write_png
from streamdepth.depthfiles.sixteen_bits import MILLIMETRES
from streamdepth.depthfiles.values import Plane
from streamdepth.errors import SourceError
from streamdepth.evaluation.rgbd import RgbdPair
from streamdepth.evaluation.written import Written
from streamdepth.frames import DepthMeaning
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

VALUES = maps(3)
PAIRS = [RgbdPair(Path(f"rgb/{name}.png"), Path(f"depth/{name}.png")) for name in "abc"]


def written(path, values=VALUES, names="abc", meaning=DepthMeaning.INVERSE_RELATIVE, **origin):
    sink = sink_for(path, info("image" if names else "video"), DepthOptions(origin=lambda: origin))
    for index, one in enumerate(values):
        made = rendered(one, index, name=f"{names[index]}.png" if names else "")
        depth = replace(made.estimate.depth, meaning=meaning)
        sink.write(replace(made, estimate=replace(made.estimate, depth=depth)))
    sink.close()
    return path


def test_maps_find_their_pairs_by_name_in_any_order_and_number(tmp_path):
    found = {pair.colour.stem: depth for pair, depth in Written.open(written(tmp_path / "d")).of(PAIRS[::-2])}
    assert set(found) == {"a", "c"}
    assert np.abs(found["c"].values - VALUES[2]).max() < 0.01


def test_maps_of_a_film_find_them_by_their_place(tmp_path):
    judged = Written.open(written(tmp_path / "d.npy", names="")).of(PAIRS)
    assert [pair for pair, _ in judged] == PAIRS


def test_some_pictures_find_the_maps_of_a_film_by_their_place_among_all(tmp_path):
    (judged,) = Written.open(written(tmp_path / "d.npy", names="")).of(PAIRS[2:], PAIRS)
    assert judged[0] == PAIRS[2]
    assert np.array_equal(judged[1].values, VALUES[2])


def test_maps_of_a_film_of_another_length_are_not_matched(tmp_path):
    depth = Written.open(written(tmp_path / "d.npy", names=""))
    with pytest.raises(
        SourceError, match="has 3 depth maps of a film, and there are 2 pictures: they belong"
    ):
        list(depth.of(PAIRS[:2]))


def test_a_picture_without_depth_and_two_of_one_name_are_told(tmp_path):
    depth = Written.open(written(tmp_path / "d", VALUES[:1]))
    with pytest.raises(SourceError, match=r"no depth of rgb.b\.png, and of 1 more"):
        list(depth.of(PAIRS))
    with pytest.raises(SourceError, match=r"2 pictures are called a\.png"):
        list(depth.of([PAIRS[0], replace(PAIRS[0], depth=Path("other.png"))]))


@pytest.mark.parametrize(
    ("meaning", "of_metres"),
    [
        (DepthMeaning.INVERSE_RELATIVE, lambda metres: 300 / metres + 40),
        (DepthMeaning.INVERSE, lambda metres: 1 / metres),
        (DepthMeaning.DISTANCE_RELATIVE, lambda metres: 7 * metres + 3),
        (DepthMeaning.METRES, lambda metres: metres),
    ],
)
def test_perfect_depth_of_every_meaning_is_without_error(tmp_path, capfd, meaning, of_metres):
    metres = np.tile(np.linspace(1, 5, 24, dtype=np.float32)[:, None], (1, 32))
    data = tmp_path / "data"
    for folder in ("rgb", "depth"):
        (data / folder).mkdir(parents=True)
    (data / "depth" / "a.png").write_bytes(write_png(Plane(metres, MILLIMETRES)))
    (data / "rgb" / "a.png").write_bytes(write_png(Plane(metres, MILLIMETRES)))
    model = {"model": {"name": "x", "sha256": "ab"}, "settings": {"size": 64}}
    depth = written(tmp_path / "d", [of_metres(metres)], "a", meaning, **model)
    words = ["evaluate", str(data), "--depth", str(depth), "--json", str(tmp_path / "s.json")]
    assert _exit_status([*words, "--engine", "torch"]) == 0
    told = json.loads((tmp_path / "s.json").read_text())
    assert told["mean"]["abs_rel"] < 0.002
    assert told["model"] == {"name": "d", "sha256": "ab", "size": 64}
    printed = capfd.readouterr()
    assert printed.out.startswith("d on data")
    assert "--engine has no effect here: it is for a network that is judged, without --depth" in printed.err
