"""The streams of the web service by name, and the sessions of all of them as WHEP and WHIP see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping

from streamdepth.http.refusal import Refused
from streamdepth.live.encoder import Content
from streamdepth.viewers.cameras import Cameras
from streamdepth.viewers.ingest import Ingest
from streamdepth.viewers.peers.registry import RETRY_SOON, Viewers
from streamdepth.viewers.peers.viewer import Viewer
from streamdepth.viewers.stream import Stream


class Streams:
    """All streams in the order in which they came; lives on the event loop."""

    def __init__(self, cameras: Cameras, absent: Callable[[str | None], Refused] | None = None) -> None:
        """`cameras` knows those that have no stream, too.

        `absent` gives the refusal for a name that has no stream; with it, streams are not listed.
        """
        self._cameras = cameras
        self._absent = absent
        self._streams: dict[str, Stream] = {}
        self._lives: dict[str, asyncio.Task[None]] = {}

    def __iter__(self) -> Iterator[Stream]:
        return iter(tuple(self._streams.values()))

    def __contains__(self, name: object) -> bool:
        return name in self._streams

    def find(self, name: str | None) -> Stream:
        """The stream of a camera, of the first for None, whether that is up or not.

        Raises `Refused`, with 404 where there is no such camera and 503 where it gives nothing now.
        """
        if self._absent is not None and (name is None or name not in self._streams):
            raise self._absent(name)
        conditions = {one.name: one.condition for one in self._cameras.listed()}
        if name is None:
            name = next(iter(conditions or self._streams), None)
        if name is None:
            raise Refused(503, "there is no picture yet", Retry_After=RETRY_SOON)
        if name in self._streams:
            return self._streams[name]
        if name not in conditions:
            raise Refused(404, "there is no camera of this name")
        how = conditions[name] or "starting"
        raise Refused(503, f"there is no picture of {name}: {how}", Retry_After=RETRY_SOON)

    def add(self, stream: Stream) -> None:
        """One more, whose name is free."""
        assert stream.name not in self._streams
        self._streams[stream.name] = stream
        self._lives[stream.name] = asyncio.create_task(stream.live(), name="stream")

    async def remove(self, name: str) -> None:
        """End a stream, if it exists: it can no longer be found, and its viewers are notified."""
        stream, life = self._streams.pop(name, None), self._lives.pop(name, None)
        if stream is not None and life is not None:
            stream.end()
            await asyncio.gather(life, return_exceptions=True)

    def end_pictures(self) -> None:
        """End what goes out over HTTP: the server waits for it."""
        for stream in self:
            stream.end_answers()

    async def end(self) -> None:
        """End all."""
        await asyncio.gather(*map(self.remove, tuple(self._streams)))


class WhepSessions:
    """The viewers of all streams, whose addresses differ in nothing but themselves."""

    def __init__(self, streams: Streams, viewers: Viewers) -> None:
        self._streams = streams
        self._viewers = viewers

    async def join(self, name: str | None, text: str, query: Mapping[str, str]) -> tuple[Viewer, str]:
        """A new viewer of a stream, and the answer to its offer; raises `Refused`.

        `content` in `query` says what it is sent (`Content`).
        """
        return await self._viewers.join(self._streams.find(name), text, _content(query))

    def find(self, identity: str) -> Viewer:
        """The viewer of an address; raises `Refused` with 404."""
        return self._viewers.find(identity)

    async def leave(self, identity: str) -> None:
        """A viewer says goodbye; raises `Refused` with 404."""
        await self._viewers.leave(identity)


class WhipSessions:
    """The senders of all streams that take one."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    async def join(self, name: str | None, text: str, query: Mapping[str, str]) -> tuple[Ingest, str]:
        """A new sender of a stream, by default of the first that takes one; raises `Refused`. `query` has no say."""
        takers = [stream for stream in self._streams if name is None and stream.takes_sender]
        stream = takers[0] if takers else self._streams.find(name)
        return await stream.ingests.join(text)

    def find(self, identity: str) -> Ingest:
        """The sender of an address; raises `Refused` with 404."""
        return self._stream_of(identity).ingests.find(identity)

    async def leave(self, identity: str) -> None:
        """A sender says goodbye; raises `Refused` with 404."""
        await self._stream_of(identity).ingests.leave(identity)

    def _stream_of(self, identity: str) -> Stream:
        of_it = [stream for stream in self._streams if stream.ingests.has(identity)]
        return of_it[0] if of_it else self._streams.find(None)


def _content(query: Mapping[str, str]) -> Content:
    word = query.get("content", Content.PICTURE.value)
    try:
        return Content(word)
    except ValueError as error:
        words = " and ".join(content.value for content in Content)
        raise Refused(400, f"there is no content {word[:40]!r}; there are {words}") from error
