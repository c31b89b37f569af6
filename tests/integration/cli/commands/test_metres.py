"""`streamdepth metres`, with the bundled network on a small picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from engine_loading import KNOWN_NETWORK

from streamdepth import load_engine
from streamdepth.cli.app import _exit_status
from streamdepth.metres.calibration import load_calibration


@pytest.fixture
def floor(tmp_path):
    """A picture, and as its depth what the network says of it on a line to metres."""
    picture = np.tile(np.linspace(200, 40, 64)[:, None, None], (1, 96, 3)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "hall.png"), picture)
    values = load_engine("nano", size=64, engine="onnxruntime", precision="fp32").estimate(picture).values
    np.save(tmp_path / "hall-depth.npy", 1 / (0.3 * (values - values.min()) + 0.2))
    return tmp_path


def run(capfd, folder, *words):
    common = ("--output", folder / "hall.metres", *KNOWN_NETWORK, "--size", "64")
    status = _exit_status(["metres", str(folder / "hall.png"), *map(str, (*words, *common))])
    return status, capfd.readouterr()


def test_a_depth_map_gives_metres_with_a_promise(capfd, floor):
    status, said = run(capfd, floor, "--depth", floor / "hall-depth.npy")
    assert status == 0
    assert "hall.metres: from 2000 distances, which predict each other within" in said.out
    farthest = np.load(floor / "hall-depth.npy").max()
    assert said.out.strip().endswith(f" to {farthest:.4g} m")
    assert load_calibration(floor / "hall.metres").fit.error < 0.01


def test_one_point_is_kept_without_a_promise(capfd, floor):
    status, said = run(capfd, floor, "--point", "48,60,1.2")
    assert status == 0
    assert "from 1 distance; a third would show how accurate they are" in said.out
    assert load_calibration(floor / "hall.metres").fit.line.shift == 0.0


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        ((), "name --point X,Y,METRES at least once"),
        (("--point", "48,60"), "as in 320,400,1.5"),
        (("--point", "48,60,0"), "above 0"),
        (("--point", "48,60,1500"), "metres above 0 and up to 1000"),
        (("--point", "48,60,1", "--depth", "hall-depth.npy"), "leave one of them out"),
        (("--point", "480,60,1"), "count its pixels"),
    ],
)
def test_what_is_no_distance_is_one_sentence_and_leaves_nothing(capfd, floor, words, cure):
    status, said = run(capfd, floor, *words)
    assert status == 2
    assert cure in said.err
    assert said.err.count("\n") == 1
    assert not (floor / "hall.metres").exists()


def test_depth_in_another_unit_has_no_reading(capfd, floor):
    np.save(floor / "hall-depth.npy", 5000 * np.load(floor / "hall-depth.npy"))
    status, said = run(capfd, floor, "--depth", floor / "hall-depth.npy")
    assert status == 2
    assert "no reading up to 1000 m" in said.err
    assert "floating-point numbers are metres" in said.err
