"""`/depth.mkv`: the stream that carries depth, kept as it is, and coloured anew without a network."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from services import running_service
from stamped_feed import RAMP, stamp_of, until

import streamdepth
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.imaging.quantiles import quantiles
from streamdepth.live.encoder import Content
from streamdepth.rendering.normalise import normalise
from streamdepth.run.run import Run
from streamdepth.run.spec import EncodingSpec, InputSpec, OutputSpec, PictureSpec, RunSpec

MOST_ERROR = 1.5
"""Levels of 255 by which what is coloured anew may differ from what viewers were to see."""


class Kept:
    """A client that keeps the film until it hangs up, or the stream ends."""

    def __init__(self, address):
        self.data = b""
        self.ended = False
        self._answer = urllib.request.urlopen(address, timeout=20)
        self.headers = self._answer.headers
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        with self._answer:
            while piece := self._answer.read1(65536):
                self.data += piece
        self.ended = True

    def wait(self):
        self._thread.join(10)
        assert self.ended


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Kept over HTTP from a service that ends while it is recorded, and what the service said meanwhile."""
    path = tmp_path_factory.mktemp("film") / "street.mkv"
    with running_service() as service:
        kept = Kept(service.url + "/depth.mkv")
        until(lambda: len(kept.data) > 5_000, patience=30)
        figures, viewers = service.state()["encoders"], service.viewers()
    kept.wait()
    path.write_bytes(kept.data)
    return path, kept.headers, figures, viewers


def rendered(source: Path, folder: Path, picture: PictureSpec) -> list[np.ndarray]:
    """The pictures that a run without a network makes of it."""
    output = OutputSpec(output=folder / "anew.mkv")
    Run(
        RunSpec(InputSpec(input=str(source)), output=output, picture=picture, encoding=EncodingSpec("ffv1"))
    ).execute()
    made = streamdepth.open_source(folder / "anew.mkv")
    images = [frame.bgr for frame in iter(made.read, None)]
    made.close()
    return images


def test_it_is_a_film_to_be_saved_made_of_the_packets_of_all_viewers(recording):
    path, headers, figures, viewers = recording
    assert headers["Content-Type"] == "video/x-matroska"
    assert headers["Content-Disposition"].startswith('attachment; filename="depth-')
    assert [(one["content"], one["codec"]) for one in figures] == [("depth", "H264")]
    assert viewers == 1
    stamps = [stamp_of(depth.frame.bgr) for depth in streamdepth.open_depth(path)]
    assert stamps == sorted(set(stamps))


def test_coloured_anew_it_is_what_viewers_saw(recording, tmp_path):
    low, high = quantiles(RAMP, 0.02, 0.98)
    span = next(iter(streamdepth.open_depth(recording[0]))).frame.span
    assert (span.low, span.high) == (pytest.approx(low), pytest.approx(high))
    seen = normalise(RAMP, span, (320, 240)).astype(float)
    images = rendered(recording[0], tmp_path, PictureSpec(layout="depth", colormap="gray"))
    assert np.abs(images[-1].astype(float) - seen[..., None]).mean() <= MOST_ERROR


def test_in_another_look_its_picture_is_there_as_well(recording, tmp_path):
    images = rendered(recording[0], tmp_path, PictureSpec(layout="side-by-side", colormap="turbo"))
    assert images[-1].shape == (240, 640, 3)
    assert stamp_of(images[-1][:, :320]) > stamp_of(images[0][:, :320]) > 0
    fields = [images[-1][200, column].astype(int) for column in (50, 160, 270)]
    assert np.abs(np.array(fields) - 200 * np.eye(3)).max() < 20
    assert np.ptp(images[-1][:, 320:].astype(int), axis=2).max() > 100


def test_it_comes_in_the_codec_that_is_encoded_already():
    with running_service() as service:
        watching = service.encoder.subscribe(VideoCodec.VP8, content=Content.DEPTH)
        kept = Kept(service.url + "/depth.mkv")
        until(lambda: kept.data)
        assert [one["codec"] for one in service.state()["encoders"]] == ["VP8"]
        watching.close()
    kept.wait()


def test_a_token_and_a_picture_are_asked_for():
    with running_service(token="correct-horse") as service:
        assert service.ask("/depth.mkv")[0] == 401
        assert service.ask("/depth.mkv?token=correct-horse", "HEAD")[0] == 200
        assert service.ask("/depth/yard.mkv?token=correct-horse")[0] == 404
    with running_service(fed=False) as empty:
        assert empty.ask("/depth.mkv")[0] == 503
