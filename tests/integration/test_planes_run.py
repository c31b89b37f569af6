"""A video stays planes from decoder to encoder."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from engine_loading import KNOWN_NETWORK

from streamdepth.cli.app import _exit_status
from streamdepth.pixels import I420, Picture

WIDTH, HEIGHT = 960, 540
NETWORK = 256 * 128
JOINED = 4 * NETWORK
"""Pixels that one halving more brings down to what the network takes: planes may be joined there, not coloured."""
BT709, LIMITED = 1, 1


@pytest.fixture
def colour_pictures(monkeypatch):
    """Pixels of every picture of three channels that OpenCV makes from now on, by the function that does."""
    made = defaultdict(list)

    def noting(function):
        def call(*words, **options):
            result = function(*words, **options)
            if isinstance(result, np.ndarray) and result.ndim == 3:
                made[function.__name__].append(result.shape[0] * result.shape[1])
            return result

        return call

    for name in (
        "cvtColor",
        "cvtColorTwoPlane",
        "transform",
        "merge",
        "applyColorMap",
        "addWeighted",
        "resize",
    ):
        monkeypatch.setattr(cv2, name, noting(getattr(cv2, name)))
    return made


@pytest.fixture
def clip(tmp_path):
    """Five frames of planes in BT.709."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, width=WIDTH, height=HEIGHT, pix_fmt="yuv420p")
        stream.codec_context.colorspace = BT709
        stream.codec_context.color_range = LIMITED
        for index in range(5):
            image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            image[:, 100 * index : 100 * index + 300] = 30, 90, 200
            frame = av.VideoFrame.from_ndarray(image, "bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("layout", ["overlay", "depth", "side-by-side"])
def test_a_video_is_rendered_to_mp4_without_any_large_picture_of_three_channels(
    layout, clip, colour_pictures, tmp_path
):
    out = tmp_path / "depth.mp4"
    # Of a runtime that is named: choosing one would look at pictures of its own.
    words = ["--input", clip, "--output", out, *KNOWN_NETWORK, "--layout", layout, "--legend", "--hud"]
    assert _exit_status([str(word) for word in words]) == 0
    joined = colour_pictures.pop("merge")
    assert 0 < max(joined) < JOINED
    assert max(map(max, colour_pictures.values())) <= NETWORK
    with av.open(str(out)) as container:
        frames = list(container.decode(video=0))
    assert [frame.pts * frame.time_base for frame in frames] == [Fraction(n, 25) for n in range(5)]
    assert {(frame.colorspace, frame.color_range) for frame in frames} == {(BT709, LIMITED)}


def test_a_large_picture_would_have_been_noticed(colour_pictures):
    half = np.zeros((HEIGHT // 2, WIDTH // 2), np.uint8)
    assert Picture.of_i420(I420(np.zeros((HEIGHT, WIDTH), np.uint8), half, half)).bgr is not None
    assert max(map(max, colour_pictures.values())) == WIDTH * HEIGHT > JOINED
