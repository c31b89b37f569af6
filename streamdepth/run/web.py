"""From `--webrtc` to the web service, and the network's precedence over the depth network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from streamdepth.cli.options import WebOptions
from streamdepth.frames import DepthMap, SourceInfo
from streamdepth.pixels import BGRImage, Picture
from streamdepth.protocols import Source
from streamdepth.threads.aside import run_aside
from streamdepth.threads.scheduling import give_way

if TYPE_CHECKING:
    from streamdepth.engine import Engine
    from streamdepth.live.encoder import LiveEncoder
    from streamdepth.rendering import Renderer
    from streamdepth.viewers.settings import WebSettings
    from streamdepth.viewers.sink import WebSink
    from streamdepth.viewers.state import RunFacts
    from streamdepth.webrtc.ice_server import IceServer

T = TypeVar("T")
TOKEN_IN_THE_OPEN = (
    "over plain http the token can be read on its way (add --cert and --key, or a proxy that speaks https)"
)


def web_settings(options: WebOptions) -> WebSettings:
    """The options, checked; raises `UsageError`."""
    from streamdepth.viewers.settings import WebSettings

    return WebSettings(
        host=options.host,
        port=options.port,
        token=options.token,
        max_viewers=options.max_viewers,
        ice_servers=ice_servers_of(options),
        certificate=options.cert,
        key=options.key,
    )


def ice_servers_of(options: WebOptions) -> tuple[IceServer, ...]:
    """Those that peers elsewhere are reached by; raises `UsageError`."""
    from streamdepth.webrtc.ice_server import IceServer

    return tuple(IceServer.parse(url) for url in options.ice_server or ())


def open_encoder(info: SourceInfo) -> LiveEncoder:
    """The one encoder of a run for all who get it live: a sink, which is written to before those that it serves."""
    from streamdepth.live.encoder import LiveEncoder

    return LiveEncoder(info)


def open_web(
    settings: WebSettings,
    encoder: LiveEncoder,
    renderer: Renderer,
    source: Source,
    *,
    facts: RunFacts,
    warn: Callable[[str], None],
) -> WebSink:
    """The service, listening, for those whom `encoder` serves; raises `SinkError` where it cannot.

    Viewers choose among the inputs of `source` where it has several, and feed it where it is what they send.
    """
    from streamdepth.sources.browser.source import BrowserSource
    from streamdepth.viewers.sink import WebSink
    from streamdepth.viewers.state import Inputs

    return WebSink(
        settings,
        encoder,
        controls=renderer,
        facts=facts,
        warn=warn,
        inputs=source if isinstance(source, Inputs) else None,
        camera=source if isinstance(source, BrowserSource) else None,
    )


def behind_others(load: Callable[[], T]) -> T:
    """What `load` gives, called in a thread that gives way, and with it all threads that it starts."""

    def give_way_and_load() -> T:
        give_way()
        return load()

    return run_aside("loading", give_way_and_load)


class GivesWay:
    """An engine whose threads run behind the others: viewers on the network are served first."""

    def __init__(self, inner: Engine) -> None:
        self._inner = inner
        self._has_given_way = False

    @property
    def lanes(self) -> Sequence[GivesWay]:
        """Those of the engine that is wrapped."""
        return [GivesWay(lane) for lane in self._inner.lanes]

    def estimate(self, image: BGRImage) -> DepthMap:
        """As the engine that is wrapped; the thread that calls first is the one that gives way."""
        self._give_way()
        return self._inner.estimate(image)

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """As `estimate`."""
        self._give_way()
        return self._inner.estimate_picture(picture)

    def _give_way(self) -> None:
        if not self._has_given_way:
            give_way()
            self._has_given_way = True
