"""Pixels that are not square, for those who show every pixel as a square."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from streamdepth.frames import DepthMap, Estimate, Rendered
from streamdepth.live.codec_stream import MOST_PIXELS, Shown
from streamdepth.sources.video.source import VideoSource
from streamdepth.viewers.http.mjpeg import _jpeg


def film(path: Path, size: tuple[int, int], aspect: Fraction, turned: int = 0) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        if turned:
            stream.set_display_rotation(turned)
        container.mux(
            stream.encode(av.VideoFrame.from_ndarray(np.zeros((*size[::-1], 3), np.uint8), "bgr24"))
        )
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("size", "aspect", "turned", "shown"),
    [
        ((720, 576), Fraction(64, 45), 0, (1024, 576)),
        ((704, 480), Fraction(10, 11), 0, (704, 528)),
        ((720, 576), Fraction(64, 45), 90, (576, 1024)),
        ((2880, 1080), Fraction(4, 3), 0, (2714, 762)),
        ((640, 480), Fraction(1), 0, (640, 480)),
    ],
    ids=str,
)
def test_viewers_and_jpegs_get_square_pixels(
    size: tuple[int, int], aspect: Fraction, turned: int, shown: tuple[int, int], tmp_path: Path
) -> None:
    source = VideoSource(film(tmp_path / "film.mp4", size, aspect, turned))
    frame = source.read()
    source.close()
    assert frame is not None
    rendered = Rendered(Estimate(frame, DepthMap(np.zeros((2, 2), np.float32)), 0.0), frame.picture)
    height, width = Shown(rendered, 0.0).planes.y.shape
    assert (width, height) == shown
    assert width * height <= MOST_PIXELS
    picture = cv2.imdecode(np.frombuffer(_jpeg(rendered), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert abs(picture.shape[1] / picture.shape[0] - shown[0] / shown[1]) < 0.01
