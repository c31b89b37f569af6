"""A recording that is switched to an input of another shape: bars are neither seen by the network nor coloured."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import streamdepth
from streamdepth.frames import DepthRange, Rendered
from streamdepth.imaging.letterbox import letterbox
from streamdepth.pixels import Picture, bgr_to_i420
from streamdepth.rendering.range import MovingRange, percentile_range
from streamdepth.sources.demo.source import DemoScene
from streamdepth.sources.live.switching import Input, SwitchingSource
from streamdepth.sources.replay.paced import HeldPicture

WIDE, TALL = (320, 180), (240, 400)
BAR = (320 - 108) // 2
"""Width of each bar: 240x400 is 108x180 in there."""
STEADY = 5
"""Pictures of the new input that are waited for."""


@pytest.fixture(scope="module")
def engine():
    return streamdepth.load_engine("nano", engine="onnxruntime", precision="fp32", threads=1)


@pytest.fixture(scope="module")
def tall():
    """A picture that is higher than wide, (H, W, 3) uint8."""
    frame = DemoScene(640, 480, Fraction(25), 1, live=False).read()
    assert frame is not None
    return np.ascontiguousarray(frame.bgr[40:440, 200:440])


class NotedRange(MovingRange):
    """Keeps the last range that it gave."""

    last: DepthRange

    def __call__(self, seen, step):
        self.last = super().__call__(seen, step)
        return self.last


class Watching:
    """Chooses the second input with the first picture, and ends the run after some pictures of it."""

    def __init__(self, source: SwitchingSource) -> None:
        self.source = source
        self.shown: list[Rendered] = []
        self.pipeline: streamdepth.Pipeline | None = None

    def write(self, rendered: Rendered) -> None:
        self.source.choose(1)
        if rendered.estimate.frame.connection == 1:
            self.shown.append(rendered)
        if len(self.shown) == STEADY:
            assert self.pipeline is not None
            self.pipeline.stop()

    def close(self, *, complete: bool = True) -> None:
        pass


def recorded(tall, engine, layout, folder: Path):
    """(what was rendered of the second input, its last range, the last picture of the file as BGR)."""
    path = folder / "tall.png"
    cv2.imwrite(str(path), tall)
    first = DemoScene(*WIDE, Fraction(25), 30, live=True)
    other = Input("tall", lambda: HeldPicture(streamdepth.open_source(path)))
    source = SwitchingSource(first, [Input("demo", lambda: first), other], size=WIDE)
    watching = Watching(source)
    scale = NotedRange()
    renderer = streamdepth.Renderer(layout=layout, colormap="viridis", scale=scale)
    watching.pipeline = streamdepth.Pipeline(source, engine, renderer)
    target = folder / "depth.mp4"
    watching.pipeline.run([streamdepth.open_sink(target, source), watching])
    with av.open(str(target)) as container:
        *_, last = container.decode(video=0)
    return watching.shown, scale.last, last.to_ndarray(format="bgr24")


@pytest.mark.parametrize("layout", ["overlay", "depth", "side-by-side"])
def test_bars_of_another_input_stay_black_in_the_file_and_out_of_depth(layout, engine, tall, tmp_path):
    shown, span, last = recorded(tall, engine, layout, tmp_path)
    assert last.shape == (180, 640 if layout == "side-by-side" else 320, 3)
    for half in np.hsplit(last, [320]) if layout == "side-by-side" else [last]:
        inside = half[:, BAR + 4 : 320 - BAR - 4]
        assert half[:, : BAR - 4].max() < 12  # the encoder blurs by some levels beside the edge
        assert half[:, 320 - BAR + 4 :].max() < 12
        assert inside.mean() > 40
    # The network saw the picture alone, at its own shape ...
    alone = engine.estimate(cv2.resize(tall, (108, 180), interpolation=cv2.INTER_AREA))
    for rendered in shown:
        depth = rendered.estimate.depth.values
        assert depth.shape == alone.values.shape
        assert np.abs(depth - alone.values).max() < 0.02 * np.ptp(alone.values)
    # ... and so the colours span its depth, not that of bars as well.
    expected, tolerance = percentile_range(alone.values), 0.02 * float(np.ptp(alone.values))
    assert span.low == pytest.approx(expected.low, abs=tolerance)
    assert span.high == pytest.approx(expected.high, abs=tolerance)


@pytest.mark.parametrize("as_planes", [False, True], ids=["bgr", "planes"])
@pytest.mark.parametrize("size", [WIDE, (321, 181), (240, 180)])
def test_the_network_gives_the_depth_of_the_picture_inside(size, as_planes, engine, tall):
    native = bgr_to_i420(tall) if as_planes else tall
    picture = letterbox(Picture.of(native), size)
    assert picture.inner is not None
    scaled = cv2.resize(tall, (picture.inner.width, picture.inner.height), interpolation=cv2.INTER_AREA)
    expected = engine.estimate(scaled).values
    depth = engine.estimate(picture).values
    assert depth.shape == expected.shape
    share = 0.02 if not as_planes else 0.1  # of the range: chroma of planes is half as fine
    assert np.abs(depth - expected).max() < share * np.ptp(expected)
