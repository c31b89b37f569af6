"""The cameras that clients send: a limited number at a time, each reachable only by its secret name."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Mapping

from streamdepth.counted import counted
from streamdepth.heap import give_back
from streamdepth.http.refusal import Refused
from streamdepth.run.network.engines import Engines
from streamdepth.server.live.run import STEPS, LiveRun
from streamdepth.viewers.bridge import Host
from streamdepth.viewers.ingest import Ingest
from streamdepth.viewers.peers.rate_limit import looks
from streamdepth.viewers.stream import Stream
from streamdepth.viewers.streams import Streams, WhipSessions
from streamdepth.webrtc.sdp import read_sending_offer

NAME = re.compile(r"[A-Za-z0-9_-]{16,64}")
"""What a stream may be called, the whole of it: too many to guess, since everybody with the name may watch."""
GONE = 10.0
"""Seconds without a sender after which its run ends: a page that is loaded again is back by then."""
LOOK_EVERY = 0.5
START_PATIENCE = 10.0
STOP_PATIENCE = 6.0
RETRY_SOON, RETRY_LATER = "1", "10"


class LiveRuns:
    """A run for each sender; lives on the event loop."""

    def __init__(
        self,
        streams: Streams,
        host: Host,
        engines: Callable[[], Engines],
        most: Callable[[], int],
    ) -> None:
        """`engines` and `most`, how many there may be, raise `Refused` while the network is loaded."""
        self._streams = streams
        self._host = host
        self._engines = engines
        self._most = most
        self._runs: dict[str, LiveRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.begun = 0
        """Runs so far."""
        self._before = Counter(dict.fromkeys(STEPS, 0))
        self._is_closing = False

    async def stream(self, name: str) -> Stream:
        """The stream of a name, whose run is begun where it is not there; raises `Refused`."""
        run = self._runs.get(name) or self._begin(name)
        if run.is_stopped:
            raise Refused(
                503, "the last camera of this name is ending (ask again soon)", Retry_After=RETRY_SOON
            )
        await run.opened(START_PATIENCE)
        if name not in self._streams:
            run.stop()
            raise Refused(503, "the camera cannot be taken now (ask again soon)", Retry_After=RETRY_SOON)
        return self._streams.find(name)

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def frames(self) -> Mapping[str, int]:
        """Of all runs so far, by how far they came."""
        return sum((Counter(run.frames) for run in self._runs.values()), self._before)

    async def close(self) -> None:
        """Take no more, and end all, within a bound."""
        self._is_closing = True
        self._streams.end_pictures()
        for run in self._runs.values():
            run.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_PATIENCE)

    def _begin(self, name: str) -> LiveRun:
        if NAME.fullmatch(name) is None:
            raise Refused(422, "a name has 16 to 64 letters, digits, - and _: /live makes one")
        if self._is_closing:
            raise Refused(503, "the service is shutting down (ask again in a moment)", Retry_After=RETRY_SOON)
        most, engines = self._most(), self._engines()
        if len(self._runs) >= most:
            raise Refused(
                429,
                f"no more than {counted(most, 'camera')} may be sent at a time (ask again later)",
                Retry_After=RETRY_LATER,
            )
        run = self._runs[name] = LiveRun(name, engines, self._host)
        self.begun += 1
        task = asyncio.create_task(self._look_after(run), name="live")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def _look_after(self, run: LiveRun) -> None:
        """Until it has ended; it is to end when its sender has been gone for long."""
        loop = asyncio.get_running_loop()
        seen_at = loop.time()
        async for _late in looks(LOOK_EVERY):
            if run.has_ended:
                break
            if run.name in self._streams and self._streams.find(run.name).has_sender:
                seen_at = loop.time()
            if run.is_stopped or loop.time() - seen_at > GONE:
                run.stop()
        del self._runs[run.name]
        self._before.update(run.frames)
        await asyncio.to_thread(give_back)


class Senders:
    """As `Sessions` of WHIP: a sender under a name has a run there."""

    def __init__(self, runs: LiveRuns, streams: Streams) -> None:
        self._runs = runs
        self._sessions = WhipSessions(streams)

    async def join(self, name: str | None, text: str, query: Mapping[str, str]) -> tuple[Ingest, str]:
        """A new sender, and the answer to its offer; raises `Refused`."""
        if name is None:
            raise absent(None)
        read_sending_offer(text)  # before a run begins for it
        await self._runs.stream(name)
        return await self._sessions.join(name, text, query)

    def find(self, identity: str) -> Ingest:
        """The sender of an address; raises `Refused` with 404."""
        return self._sessions.find(identity)

    async def leave(self, identity: str) -> None:
        """A sender says goodbye; raises `Refused` with 404."""
        await self._sessions.leave(identity)


def absent(name: str | None) -> Refused:
    """How it is reported that nothing is sent under a name."""
    if name is None:
        return Refused(404, "name the camera: open /live, which makes a name")
    return Refused(409, "waiting for a camera: use yours here", Retry_After=RETRY_SOON)
