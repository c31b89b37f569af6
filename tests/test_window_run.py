"""The command line in a real window, as a newcomer uses it."""

import json
import sys

import cv2
import numpy as np

COMMAND = [sys.executable, "-m", "streamdepth", "--model", "nano"]
DEMO = [*COMMAND, "--input", "demo", "--camera-size", "640x360"]


def colourful(pixels):
    return pixels.std() > 20


def test_the_demo_is_shown_and_q_ends_the_run(open_desk, tmp_path):
    desk = open_desk("^streamdepth", [*DEMO, "--report", "r.json"])
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
        "^streamdepth", [*COMMAND, "--input", photo, "--layout", "depth", "--no-hud", "--no-legend"]
    )
    assert desk.shows(colourful)
    before = desk.pixels()
    desk.press("i")
    assert desk.shows(lambda pixels: pixels.shape == before.shape and cv2.absdiff(pixels, before).mean() > 20)


def test_closing_the_window_ends_a_file_that_is_not_over(open_desk, tmp_path):
    desk = open_desk("^streamdepth", [*DEMO, "--window", "--output", "depth.mp4", "--duration", "60"])
    desk.press("alt+F4")
    _, errors, status = desk.end()
    assert status == 0
    assert "depth.part.mp4" in errors
    assert not (tmp_path / "depth.mp4").exists()
