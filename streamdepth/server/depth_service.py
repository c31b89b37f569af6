"""From an upload to its answer: cache, single flight, the line before the lanes, and the time that a client gives."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from functools import partial

import streamdepth
from streamdepth.errors import Overloaded
from streamdepth.http.refusal import Refused
from streamdepth.inference.pool import Pool
from streamdepth.server.answers import Answer
from streamdepth.server.cache import Cache
from streamdepth.server.figures import Figures, LiveNow
from streamdepth.server.flights import Flights
from streamdepth.server.models import Loaded
from streamdepth.server.pictures import Lane, Spans, Upload, answer_picture
from streamdepth.server.problems import refusal_of
from streamdepth.server.settings import Limits
from streamdepth.server.traces import NoTraces, Traces
from streamdepth.server.wanted import Wanted
from streamdepth.threads.ticket import Ticket

STARTING = "2"
"""Seconds after which it is worth asking again while the network is loaded."""
GRACE = 0.1
"""Seconds beyond its time within which a client learns that there is not enough of it."""
_NO_TRACES = NoTraces()
HASHED_AT_ONCE = 1_000_000
"""Bytes; more are hashed in a thread, so that the event loop has its turns."""

Done = tuple[Answer, Spans]


class DepthService:
    """Answers pictures; lives on the event loop. `begin` gives it its networks, when they are loaded."""

    def __init__(self, limits: Limits, cache: Cache, figures: Figures, traces: Traces = _NO_TRACES) -> None:
        self.limits = limits
        self.figures = figures
        self.traces = traces
        self.is_stopping = False
        self._cache = cache
        self._flights: Flights[Done] = Flights()
        self._loaded: Loaded | None = None
        self._pool: Pool[Lane] | None = None

    def begin(self, loaded: Loaded) -> None:
        """From now on pictures are answered."""
        self._loaded = loaded
        line = self.limits.line(len(loaded.lanes))
        self._pool = Pool(loaded.lanes, line, shortens=self.limits.shortens)

    async def close(self) -> None:
        """Refuse what waits and let what runs end."""
        self.is_stopping = True
        if self._pool is not None:
            await asyncio.to_thread(self._pool.close, self.limits.answer_seconds)
        await self._cache.close()
        await asyncio.to_thread(self.traces.close)

    @property
    def is_ready(self) -> bool:
        """Whether a picture would be answered now."""
        return self._pool is not None and not self.is_stopping

    @property
    def loaded(self) -> Loaded:
        """The networks; raises `Refused` with 503 while they are loaded."""
        if self._loaded is None:
            raise Refused(503, "the network is being loaded (ask again in a moment)", Retry_After=STARTING)
        return self._loaded

    def check_room(self) -> None:
        """Raise `Refused` at once, before an upload is read, where it could not be answered now."""
        try:
            self.pool.check_room()
        except Overloaded as error:
            raise refusal_of(error) from error

    @property
    def pool(self) -> Pool[Lane]:
        """The lanes; raises `Refused` with 503 while there are none."""
        if self._pool is None:
            raise Refused(503, "the network is being loaded (ask again in a moment)", Retry_After=STARTING)
        return self._pool

    def text(self, jobs: Mapping[str, int] | None = None, live: LiveNow | None = None) -> str:
        """The figures, for Prometheus; `jobs` are so many in each state, None where none are taken."""
        models = tuple(model.name for model in self._loaded.models) if self._loaded else ()
        pool = self._pool.figures if self._pool is not None else None
        return self.figures.text(streamdepth.__version__, models, pool, jobs or {}, live)

    async def keys(self, uploads: Sequence[Upload], wanted: Wanted) -> list[str]:
        """For each upload what is the same for the same answer, and for no other; in hexadecimal."""
        sha256 = self.loaded.named(wanted.model).sha256
        made_with = f"{streamdepth.__version__} {sha256} {wanted.key}".encode()
        if sum(len(upload.data) for upload in uploads) <= HASHED_AT_ONCE:
            return [_key(upload.data, made_with) for upload in uploads]
        return await asyncio.to_thread(lambda: [_key(upload.data, made_with) for upload in uploads])

    async def answer(self, upload: Upload, key: str, wanted: Wanted, seconds: float) -> Answer:
        """The answer about an upload within `seconds`; raises `StreamdepthError` and `Refused`.

        `wanted` has the name of a model that is served.
        """
        kept = await self._cache.get(key)
        self.figures.add_lookup(hit=kept is not None)
        if kept is not None:
            self.pool.note_answered()
            return kept
        if key in self._flights:
            self.pool.note_answered()
            self.figures.add_shared()
        try:
            begin, keep = partial(self._begin, upload, wanted, seconds), partial(self._keep, key)
            answer, _ = await self._flights.share(key, begin, keep, seconds + GRACE)
            return answer
        except TimeoutError as error:
            if isinstance(error, Overloaded):
                raise
            raise Refused(503, "it was not done in time (ask again)", Retry_After=STARTING) from error

    def _begin(self, upload: Upload, wanted: Wanted, seconds: float) -> Ticket[Done]:
        most = self.limits.pixels
        return self.pool.submit(
            lambda turn: answer_picture(turn, upload, wanted, most), deadline=time.monotonic() + seconds
        )

    async def _keep(self, key: str, done: Done) -> None:
        answer, spans = done
        self.figures.add_spans(spans)
        self.traces.steps(spans)
        await self._cache.put(key, answer)


def _key(data: bytes, made_with: bytes) -> str:
    return hashlib.sha256(hashlib.sha256(data).digest() + made_with).hexdigest()
