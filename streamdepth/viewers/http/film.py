"""The stream that carries depth as a growing film, for recordings: the same packets that viewers get."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Send

from streamdepth.http.refusal import Refused
from streamdepth.http.routes import Routes
from streamdepth.live.encoder import Content, LiveEncoder, LivePacket, Subscription
from streamdepth.viewers.http.endless import Endless, happens, send_whole
from streamdepth.viewers.news import News
from streamdepth.viewers.peers.registry import RETRY_SOON, Places

if TYPE_CHECKING:
    from streamdepth.depthfiles.stacked_film import StackedWriter

MATROSKA = "video/x-matroska"
LONGEST_WAIT = 2.0
"""Seconds after which a picture is looked for although none was announced."""


class Films:
    """Gives the film of one stream, from now on, to whoever asks for it; lives on the event loop."""

    def __init__(self, encoder: LiveEncoder, report: Callable[[], Mapping[str, Any]]) -> None:
        """`report` names the network, as `--report` does."""
        self.news = News()
        self._encoder = encoder
        self._report = report

    def check(self) -> None:
        """Raise `Refused` with 503 before the first picture."""
        if self._encoder.newest is None:
            raise Refused(503, "there is no picture yet", Retry_After=RETRY_SOON)

    async def send_all(self, follower: asyncio.Event, send: Send) -> None:
        """All pictures from the last keyframe on; a slow client misses some, and learns how many."""
        kind = self._encoder.codec_of(Content.DEPTH)
        subscription = self._encoder.subscribe(kind, content=Content.DEPTH)
        film = _Film(subscription, self._origin())
        try:
            while not self.news.is_closed:
                follower.clear()
                film.take()
                if data := film.taken():
                    await send_whole(send, data)
                await happens(follower, LONGEST_WAIT)
            film.end()
            await send_whole(send, film.taken())
        finally:
            subscription.close()

    def _origin(self) -> dict[str, Any]:
        model = self._report().get("model")
        began = datetime.now(UTC).isoformat(timespec="milliseconds")
        named = {name: model[name] for name in ("name", "sha256")} if model else None
        return {"began": began, **({"model": named} if named else {})}


class _Film:
    """One film on its way to one client."""

    def __init__(self, subscription: Subscription, origin: Mapping[str, Any]) -> None:
        self._subscription = subscription
        self._origin = origin
        self._writer: StackedWriter | None = None
        self._written = _Bytes()
        self._dropped_before = 0

    def take(self) -> None:
        """Whatever packets there are."""
        while (packet := self._subscription.take()) is not None:
            self._add(packet)

    def taken(self) -> bytes:
        """What was made of it since the last time."""
        made = b"".join(self._written.made)
        self._written.made.clear()
        return made

    def end(self) -> None:
        """There are no more packets."""
        if self._writer is not None:
            self._writer.close()

    def _add(self, packet: LivePacket) -> None:
        description = packet.depth
        assert description is not None, "depth was asked for"
        data = bytes(packet.packet)
        if self._writer is None:
            from streamdepth.depthfiles.stacked_film import StackedWriter

            kind, self._dropped_before = self._subscription.stream.kind, self._subscription.queue.dropped
            self._writer = StackedWriter(self._written, kind, data, description, self._origin)
        # Its moment and not its timestamp: those with which a newcomer begins are all of one.
        lost = self._subscription.queue.dropped - self._dropped_before
        self._writer.add(data, packet.moment, description, is_key=packet.is_keyframe, lost=lost)


class _Bytes:
    """What PyAV writes to."""

    def __init__(self) -> None:
        self.made: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Called by PyAV."""
        self.made.append(bytes(data))
        return len(data)


def film_routes(find: Callable[[str | None], Films], places: Places) -> Routes:
    """`/depth.mkv`, and that of each stream by its name; `find` raises `Refused`."""
    routes = Routes()

    @routes.add("GET", "/depth.mkv", "/depth/{name}.mkv")
    async def film(request: Request) -> Response:
        films = find(request.path_params.get("name"))
        films.check()  # refused here, while it can still be
        if request.method == "HEAD":
            return Response(media_type=MATROSKA)
        places.take()
        name = f"depth-{datetime.now().strftime('%Y%m%d-%H%M%S')}.mkv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Endless(films.news, places, films.send_all, MATROSKA, headers)

    return routes
