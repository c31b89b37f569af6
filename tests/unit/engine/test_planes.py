"""Depth from planes beside depth from the same picture in BGR, by the bundled network on real clips."""

import numpy as np
import pytest
from engine_loading import load_engine
from places import SHARED

from streamdepth.pixels import I420
from streamdepth.sources import open_source

MEDIA = SHARED / "media"
FRAMES = range(5, 126, 20)


@pytest.fixture(scope="module")
def engine():
    return load_engine("nano", runtime="onnxruntime", precision="fp32", threads=1)


def pictures(path):
    source = open_source(path)
    try:
        for index in range(FRAMES.stop):
            frame = source.read()
            if frame is not None and index in FRAMES:
                yield frame.picture
    finally:
        source.close()


@pytest.mark.skipif(not MEDIA.is_dir(), reason="the real clips are not beside the project")
@pytest.mark.parametrize("clip", ["bikes", "bigbuckbunny", "carphone", "rollercoaster"])
def test_depth_of_99_pixels_of_100_differs_by_at_most_2_percent_of_its_range(clip, engine):
    differences = []
    for picture in pictures(MEDIA / f"{clip}.mp4"):
        assert isinstance(picture.native, I420)
        from_planes, from_bgr = engine.estimate(picture).values, engine.estimate(picture.bgr).values
        low, high = np.percentile(from_bgr, (2, 98))
        differences.append(np.abs(from_planes - from_bgr) / (high - low))
    assert len(differences) >= 3
    assert np.mean(np.array(differences) <= 0.02) >= 0.99
