"""A run on the web service as a sink: one stream of a service, or a service of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from streamdepth.frames import Rendered
from streamdepth.live.encoder import LiveEncoder
from streamdepth.protocols import Inputs
from streamdepth.sources.browser.source import BrowserSource
from streamdepth.viewers.bridge import Host
from streamdepth.viewers.service import WebService
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.state import Controls, RunFacts
from streamdepth.viewers.stream import Shown

ALONE = "camera"
"""The name of a stream that is the only one of its service."""


class StreamSink:
    """One stream of a service that others have streams of, too. `write` raises `SinkError` when it has failed."""

    is_for_viewers: Literal[True] = True

    def __init__(self, service: Host, name: str, shown: Shown) -> None:
        self.address = service.address
        self._service = service
        self._name = name
        self._stream = service.open(name, shown)

    def write(self, _rendered: Rendered) -> None:
        """Notify viewers that the encoder has a new frame; never waits for them."""
        self._service.check()
        if self._stream.jpegs.news.is_wanted:
            self._service.on_loop(self._stream.jpegs.news.wake)

    def close(self, *, complete: bool = True) -> None:
        """End the stream; the service goes on."""
        self._service.remove(self._name)


class WebSink:
    """Shows rendered frames to viewers in browsers and other players; `address` is what to open.

    It listens as soon as it is made. `encoder` gives it pictures and packets; it is a sink of its own, which gets each
    frame before this one and is closed by its owner. The rest is as in `Shown`; `warn` gets a line where something
    works less well. Raises `SinkError` where it cannot listen; `write` raises it when the service has failed.
    """

    is_for_viewers: Literal[True] = True

    def __init__(
        self,
        settings: WebSettings,
        encoder: LiveEncoder,
        *,
        controls: Controls,
        facts: RunFacts,
        warn: Callable[[str], None],
        inputs: Inputs | None = None,
        camera: BrowserSource | None = None,
    ) -> None:
        self._service = WebService(settings, warn)
        self.address = self._service.address
        try:
            self._stream = StreamSink(self._service, ALONE, Shown(encoder, controls, facts, inputs, camera))
            self._service.start()
        except BaseException:
            self._service.close()
            raise

    def write(self, rendered: Rendered) -> None:
        """Notify viewers that the encoder has a new frame; never waits for them."""
        self._stream.write(rendered)

    def close(self, *, complete: bool = True) -> None:
        """Hang up on all viewers and stop listening, within three seconds; raises `StageStuck` otherwise."""
        self._service.close()
