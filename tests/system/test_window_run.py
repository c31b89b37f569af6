"""The command line in a real window, as a newcomer uses it."""

import json
import sys
from fractions import Fraction

import av
import cv2
import numpy as np
from engine_loading import KNOWN_NETWORK

from streamdepth.metres.calibration import load_calibration
from streamdepth.sources.demo.source import DemoScene

COMMAND = [sys.executable, "-m", "streamdepth", "--model", "nano"]
KNOWN = [sys.executable, "-m", "streamdepth", *KNOWN_NETWORK]
DEMO = ["--input", "demo", "--camera-size", "640x360"]


def colourful(pixels):
    return pixels.std() > 20


def test_the_demo_is_shown_and_q_ends_the_run(open_desk, tmp_path):
    desk = open_desk("^streamdepth", [*COMMAND, *DEMO, "--report", "r.json"])
    assert desk.shows(colourful)
    desk.press("q")
    _, errors, status = desk.end()
    assert status == 0
    assert "frames/s" in errors
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["source"]["live"] is True
    frames = report["frames"]
    assert frames["captured"] == frames["dropped"] + frames["inferred"]
    assert frames["written"] > 0


def test_keys_change_the_picture_of_a_run(open_desk, tmp_path):
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8))
    desk = open_desk(
        "^streamdepth", [*KNOWN, "--input", photo, "--layout", "depth", "--no-hud", "--no-legend"]
    )
    assert desk.shows(colourful)
    before = desk.pixels()
    desk.press("i")
    assert desk.shows(lambda pixels: pixels.shape == before.shape and cv2.absdiff(pixels, before).mean() > 20)


def test_closing_the_window_ends_a_file_that_is_not_over(open_desk, tmp_path):
    desk = open_desk("^streamdepth", [*KNOWN, *DEMO, "--window", "--output", "depth.mp4", "--duration", "60"])
    desk.press("alt+F4")
    _, errors, status = desk.end()
    assert status == 0
    assert "depth.part.mp4" in errors
    assert not (tmp_path / "depth.mp4").exists()


def film(path):
    """Four seconds of dark, then one of bright pictures."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for index in range(50):
            image = np.full((240, 320, 3), 200 if index >= 40 else 30, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        out.mux(stream.encode(None))


def is_bright(pixels):
    return pixels[pixels.shape[0] // 2, : pixels.shape[1] // 4].mean() > 100


def is_dark(pixels):
    return not is_bright(pixels)


def is_at_its_end(pixels):
    """Bright, with words on a darkened ground in the lower left corner."""
    return is_bright(pixels) and pixels[-3, 2].mean() < 100


def test_a_file_waits_at_its_end_and_is_played_again_and_moved_within(open_desk, tmp_path):
    film(tmp_path / "film.mp4")
    look = ["--layout", "side-by-side", "--no-hud", "--no-legend"]
    desk = open_desk("^streamdepth", [*KNOWN, "--input", "film.mp4", *look])
    assert desk.shows(is_at_its_end)
    assert desk.pixels().shape == (240, 640, 3)
    for key in ("space", "Left"):
        desk.press(key)
        assert desk.shows(is_dark)
        assert desk.shows(is_at_its_end)
    desk.press("q")
    _, errors, status = desk.end()
    assert (status, "error" in errors) == (0, False)


def test_a_file_of_which_an_end_is_named_ends_the_run_by_itself(open_desk, tmp_path):
    film(tmp_path / "film.mp4")
    desk = open_desk("^streamdepth", [*KNOWN, "--input", "film.mp4", "--duration", "3"])
    _, _, status = desk.end()
    assert status == 0


def test_distances_are_clicked_and_typed_and_kept(open_desk, tmp_path):
    cv2.imwrite(str(tmp_path / "hall.png"), DemoScene(640, 360, Fraction(15), 10).draw(0))
    desk = open_desk("^streamdepth", [*KNOWN, "--input", "hall.png", "--no-hud", "--no-legend"])
    assert desk.shows(colourful)

    def does(act, *words):
        """Nothing else changes the picture: the toolkit keeps one key at a time, and the next must wait for it."""
        before = desk.pixels()
        act(*words)
        assert desk.shows(lambda pixels: not np.array_equal(pixels, before)), words

    does(desk.point, 0.5, 0.5)
    does(desk.press, "m")
    for y, keys in ((0.95, ("1", "period", "0", "BackSpace", "5")), (0.55, ("KP_8",))):
        does(desk.click, 0.25, y)
        for key in (*keys, "Return"):
            does(desk.press, key)
    does(desk.press, "Return")
    does(desk.press, "k")
    desk.press("q")
    _, errors, status = desk.end()
    (kept,) = tmp_path.glob("*.metres")
    assert status == 0
    assert load_calibration(kept).fit.points == 2
    assert f"distances for --metres: {kept.name}" in errors
