"""Video codecs and the display: what a run needs to write and to show."""

from __future__ import annotations

import io
from collections.abc import Mapping
from fractions import Fraction

import av
import numpy as np

from streamdepth.diagnosis.finding import Finding, Grade
from streamdepth.ffmpeg.containers import open_input

_PICTURES = 5
_SIZE = 64


def codecs() -> list[Finding]:
    """Whether a short H.264 clip can be written and read back; raises what FFmpeg raises."""
    count = _decoded(_encoded())
    if count != _PICTURES:
        what = f"of {_PICTURES} pictures written as H.264 {count} came back"
        return [Finding("codecs", what, Grade.PROBLEM, "install av again: pip install --force-reinstall av")]
    return [Finding("codecs", f"H.264 is written and read (PyAV {av.__version__})", facts={"h264": True})]


def _encoded() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = _SIZE, _SIZE, "yuv420p"
        for level in range(_PICTURES):
            picture = np.full((_SIZE, _SIZE, 3), level * 40, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return file.getvalue()


def _decoded(clip: bytes) -> int:
    with open_input(io.BytesIO(clip)) as container:
        return sum(1 for _ in container.decode(video=0))


def display(environ: Mapping[str, str]) -> list[Finding]:
    """Whether a window can be opened."""
    from streamdepth.sinks.window.sink import display_available

    there = display_available(environ)
    if there:
        return [Finding("display", "a window can be opened", facts={"window": True})]
    cure = "watch in a browser with --webrtc, write a file with --output, or run it on a desktop"
    return [Finding("display", "no window can be opened here", Grade.NOTE, cure, {"window": False})]
