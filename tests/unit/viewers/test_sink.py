"""Sinks of viewers."""

from __future__ import annotations

import pytest

from streamdepth.live.encoder import LiveEncoder
from streamdepth.protocols import ForViewers
from streamdepth.sinks.virtual_camera.sink import VirtualCameraSink
from streamdepth.sinks.window.sink import WindowSink
from streamdepth.viewers.sink import StreamSink, WebSink


@pytest.mark.parametrize("kind", [LiveEncoder, StreamSink, WebSink, VirtualCameraSink, WindowSink])
def test_what_somebody_watches_is_served_before_files(kind):
    assert isinstance(kind.__new__(kind), ForViewers)
