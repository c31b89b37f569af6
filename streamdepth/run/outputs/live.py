"""From a spec to what goes out live: one encoder, and after it the page and the media servers that it serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from streamdepth.frames import SourceInfo
from streamdepth.pipeline import RunStats
from streamdepth.protocols import Inputs, Sink, Source
from streamdepth.publishing.open import destinations_of, open_publishing
from streamdepth.reporting.events import Observe, PageServed, Said
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.spec import RunSpec
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.live.encoder import LiveEncoder
    from streamdepth.publishing.destinations import Destination
    from streamdepth.publishing.sink import Publishing
    from streamdepth.rendering import Renderer
    from streamdepth.viewers.settings import WebSettings
    from streamdepth.viewers.sink import WebSink
    from streamdepth.viewers.state import RunFacts
    from streamdepth.viewers.stream import Shown
    from streamdepth.webrtc.ice_server import IceServer
    from streamdepth.zones.kept import KeptZones


class Page(Sink, Protocol):
    """A sink whose pictures viewers see."""

    @property
    def address(self) -> str:
        """What to open."""


class Pages(Protocol):
    """Gives a run its page; `open_web` is one, which listens anew for each."""

    def __call__(
        self,
        settings: WebSettings,
        encoder: LiveEncoder,
        renderer: Renderer,
        source: Source,
        facts: RunFacts,
        observe: Observe,
    ) -> Page:
        """The page of a run; raises `SinkError`."""


@dataclass(frozen=True)
class LiveOutputs:
    """What goes out live, checked before anything is opened."""

    web: WebSettings | None
    destinations: tuple[Destination, ...]
    ice_servers: tuple[IceServer, ...]

    @classmethod
    def of(cls, spec: RunSpec) -> LiveOutputs:
        """Those of a spec; raises `UsageError`."""
        from streamdepth.webrtc.ice_server import IceServer

        ice_servers = tuple(map(IceServer.parse, spec.web.ice_server))
        web = _web_settings(spec.web, ice_servers) if spec.serves_web else None
        return cls(web, destinations_of(spec.output.publish), ice_servers)

    def publish(self, encoder: LiveEncoder, observe: Observe) -> Publishing:
        """Publishers that have begun to try; a server that is away is no error."""
        return open_publishing(
            self.destinations,
            encoder,
            self.ice_servers,
            lambda line, is_trouble: observe(Said(line, is_warning=is_trouble)),
        )


def _web_settings(web: WebSpec, ice_servers: tuple[IceServer, ...]) -> WebSettings:
    from streamdepth.viewers.settings import WebSettings

    return WebSettings(
        host=web.host,
        port=web.port,
        root_path=web.root_path,
        token=web.token,
        max_viewers=web.max_viewers,
        ice_servers=ice_servers,
        certificate=web.cert,
        key=web.key,
    )


def open_encoder(info: SourceInfo) -> LiveEncoder:
    """The one encoder of a run for all live outputs: a sink, which is written to before those that it serves."""
    from streamdepth.live.encoder import LiveEncoder

    return LiveEncoder(info)


def open_web(
    settings: WebSettings,
    encoder: LiveEncoder,
    renderer: Renderer,
    source: Source,
    facts: RunFacts,
    observe: Observe,
) -> WebSink:
    """The service, listening, for the viewers that `encoder` serves; raises `SinkError` where it cannot.

    Viewers choose among the inputs of `source` where it has several, and feed it where it is what they send.
    """
    from streamdepth.viewers.sink import WebSink

    shown = shown_of(encoder, renderer, source, facts)
    sink = WebSink(
        settings,
        encoder,
        controls=renderer,
        facts=facts,
        warn=lambda line: observe(Said(line, is_warning=True)),
        inputs=shown.inputs,
        camera=shown.camera,
    )
    observe(PageServed(sink.address, settings.exposes_token))
    return sink


def shown_of(encoder: LiveEncoder, renderer: Renderer, source: Source, facts: RunFacts) -> Shown:
    """What a run brings to the web service."""
    from streamdepth.sources.browser.source import BrowserSource
    from streamdepth.viewers.stream import Shown

    return Shown(
        encoder,
        controls=renderer,
        facts=facts,
        inputs=source if isinstance(source, Inputs) else None,
        camera=source if isinstance(source, BrowserSource) else None,
    )


def facts_of(
    spec: RunSpec,
    report: Callable[[], dict[str, Any]],
    stats: RunStats,
    zones: KeptZones | None,
    promise: Callable[[], dict[str, Any]],
) -> RunFacts:
    """What the service shows of a run, and what is watched of its picture."""
    from streamdepth.viewers.state import RunFacts

    most_fps = spec.amount.max_fps
    return RunFacts(
        report, stats.recent, float(most_fps) if most_fps else None, zones, promise, lambda: stats.behind
    )
