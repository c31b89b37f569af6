"""A session of a real network camera that is killed and comes back: its packets, and what was seen."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest

from streamdepth.frames import DepthMap, SourceState
from streamdepth.run.run import Run
from streamdepth.run.sessions.spec import SessionSpec
from streamdepth.run.spec import AmountSpec, InputSpec, RunSpec
from streamdepth.sessions.lines import Turned
from streamdepth.sessions.read import SessionReader
from streamdepth.sources.replay.session import ReplayOptions, SessionSource
from streamdepth.threads.worker import Flag


class Luma:
    """The picture itself, small, as its depth; calls `then` with how many it has seen."""

    name, sha256, runtime_name, precision = "luma", "ab" * 32, "none", "fp32"

    def __init__(self, then):
        self.then, self.seen = then, 0

    @property
    def lanes(self):
        return (self,)

    def input_size(self, _width, _height):
        return 80, 60

    def warm_up(self, width, height):
        """Nothing is compiled."""

    def estimate(self, image):
        self.seen += 1
        self.then(self.seen)
        return DepthMap(image[::4, ::4].astype(np.float32).sum(axis=2))


@pytest.mark.parametrize("codec", ["h264", "jpeg"])
def test_the_pictures_of_a_camera_that_was_killed_meanwhile_come_back_as_they_were(
    rtsp_server, tmp_path, codec
):
    rtsp_server.start("--codec", codec)

    def disturb(seen):
        if seen == 8:
            rtsp_server.kill()
            Flag().wait(0.2)
            rtsp_server.start("--codec", codec)

    spec = RunSpec(
        InputSpec(input=rtsp_server.url("me:geheim")),
        amount=AmountSpec(frames=20),
        session=SessionSpec(record=tmp_path / "s.mkv"),
    )
    run = Run(spec, engines=lambda *_: Luma(disturb))
    run.execute()
    report = run.report()
    assert report["source"]["reconnects"] == 1
    assert b"geheim" not in (tmp_path / "s.mkv").read_bytes()
    with closing(SessionReader(tmp_path / "s.mkv")) as reader:
        assert reader.pictures.codec_context.codec.canonical_name == {"jpeg": "mjpeg"}.get(codec, codec)
        turns = [piece.line.state for piece in reader.pieces() if isinstance(piece.line, Turned)]
        assert {SourceState.AWAY, SourceState.LIVE} <= set(turns)
    with closing(SessionSource(tmp_path / "s.mkv", ReplayOptions())) as session:
        frames = list(iter(session.read, None))
        assert session.warnings == []
    assert len(frames) == report["frames"]["written"], "what was inferred as the run ended is left out"
    assert {frame.connection for frame in frames} == {0, 1}
    network = Luma(lambda _seen: None)
    for frame in frames:  # what the network sees in a picture is what it saw then
        anew = network.estimate(frame.picture.bgr).values
        assert np.abs(anew - frame.depth.values).max() < 0.02
