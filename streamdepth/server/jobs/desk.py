"""Takes uploads in and answers about them, on the event loop: what waits for disk or store has threads of its own."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect

from streamdepth.http.auth import SENDER
from streamdepth.http.refusal import Refused
from streamdepth.server.jobs.archive import Archive, ZipLimits
from streamdepth.server.jobs.arrival import Arrival
from streamdepth.server.jobs.films import check_length
from streamdepth.server.jobs.jobs import Jobs
from streamdepth.server.jobs.record import Record, State, Wishes
from streamdepth.server.jobs.store import StoreAway, StoreFull
from streamdepth.server.jobs.watch import Watch
from streamdepth.server.settings import JobLimits
from streamdepth.server.uploads import announced
from streamdepth.threads.pool import Pool

T = TypeVar("T")

ID = re.compile(r"^[A-Za-z0-9_.~-]{1,128}$")
"""Of jobs, also for the contract, whose patterns know no classes of ours."""
ASIDE_THREADS = 4
_USUAL = ZipLimits()


class Desk:
    """Takes uploads in; lives on the event loop."""

    def __init__(
        self,
        jobs: Jobs,
        limits: JobLimits,
        watch: Watch,
        webhooks: Collection[str] = (),
        pictures: ZipLimits = _USUAL,
    ) -> None:
        self.jobs = jobs
        self._webhooks = webhooks
        self._pictures = pictures
        self.watch = watch
        self._limits = limits
        self._arriving: set[str] = set()
        self._coming: dict[str, str] = {}
        """Who sends each of them that is to be a new job."""
        self._aside = Pool("jobs-aside", ASIDE_THREADS)

    async def look_up(self, identity: str) -> Record | None:
        """The record of a job, if there is one."""
        return await self._in_thread(self.jobs.find, identity)

    async def find(self, identity: str) -> Record:
        """The record of a job; raises `Refused` with 404."""
        record = await self.look_up(identity)
        if record is None:
            raise Refused(404, "there is no such job (it may have ended long ago)")
        return record

    async def cancel(self, identity: str) -> None:
        """End a job and remove all of it; raises `Refused` with 404."""
        if not await self._in_thread(self.jobs.cancel, identity):
            raise Refused(404, "there is no such job")

    async def by_state(self) -> dict[State, int]:
        """How many wait and how many are worked on."""
        return await self._in_thread(self.jobs.by_state)

    async def take(self, request: Request, identity: str, wishes: Wishes) -> tuple[Record, bool]:
        """The record of an upload, and whether it is new; raises `Refused` with 409 where the id is that of another."""
        if ID.fullmatch(identity) is None:
            raise Refused(422, "an id has up to 128 letters, digits, dots, dashes, tildes and underscores")
        if wishes.webhook and wishes.webhook not in self._webhooks:
            raise Refused(422, "there is no webhook of that name here (ask the operator for one)")
        if identity in self._arriving:
            raise Refused(409, "this job is being uploaded (wait for that)", Retry_After="2")
        self._arriving.add(identity)
        try:
            return await self._take(request, identity, wishes)
        except ClientDisconnect as error:
            raise Refused(400, "the upload broke off") from error
        finally:
            self._arriving.discard(identity)
            self._coming.pop(identity, None)

    async def _take(self, request: Request, identity: str, wishes: Wishes) -> tuple[Record, bool]:
        there = await self.look_up(identity)
        folder, limits = self.jobs.folder, self._limits
        if there is not None and there.state is State.CANCELLED:
            raise Refused(409, "this job is being cancelled (wait for that)", Retry_After="2")
        sender = _short_sum(request.scope[SENDER])
        if there is None:
            await self._check_room(announced(request, limits.film_bytes))
            await self._queue(identity, sender)
        arrival = Arrival(limits.film_bytes, lambda: folder.free() > limits.spare_bytes)
        place = folder.new_place()
        try:
            await arrival.take(request.stream(), folder.of(place) if there is None else None)
            wishes = wishes.of(arrival.suffix)
            record = Record(
                identity, arrival.sum, arrival.suffix, arrival.size, time.time(), wishes, place, sender
            )
            if there is None:
                await self._in_thread(self._check, record)
            kept = there if there is not None else await self._in_thread(self.jobs.add, record)
        except StoreAway as error:
            if isinstance(error, StoreFull):
                await self._in_thread(folder.remove, place)
            raise  # else it may have been kept: the folder stays, and is swept one day if not
        except BaseException:
            await self._in_thread(folder.remove, place)
            raise
        if kept.place != place:
            await self._in_thread(folder.remove, place)
        if (kept.sum, kept.wishes) != (record.sum, wishes):
            raise Refused(409, "there is another job of this id (choose another, or leave it out)")
        return kept, kept.place == place

    def _check(self, record: Record) -> None:
        """Raise `SourceError` for what will not be worked on, and `Refused` for what is wished of no film."""
        if record.is_archive:
            with Archive(self.jobs.folder.upload(record), self._pictures):
                return
        if record.wishes.form != Wishes.form:
            raise Refused(422, "of a film there are colours alone (send a zip of pictures for values)")
        check_length(self.jobs.folder.upload(record), self._limits.film_seconds)

    async def _queue(self, identity: str, sender: str) -> None:
        """Have a place for a job that arrives; raises `Refused` with 429 where there is none."""
        waiting = await self._in_thread(self.jobs.waiting)
        # No turn of the loop from here on: of two at once, one has the last place.
        coming = list(self._coming.values())
        if waiting.total() + len(coming) >= self._limits.waiting:
            raise Refused(429, "too many jobs wait already (ask again later)", Retry_After="60")
        most = self._limits.waiting_of_one
        if waiting[sender] + coming.count(sender) >= most:
            raise Refused(
                429, f"{most} of your jobs wait already (ask again when one has begun)", Retry_After="60"
            )
        self._coming[identity] = sender

    async def _check_room(self, size: int) -> None:
        known = size if size < self._limits.film_bytes else 0
        if self.jobs.folder.free() < 2 * known + self._limits.spare_bytes:
            raise Refused(507, "there is too little room on the disk of this service (ask again later)")

    async def _in_thread(self, call: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._aside, partial(call, *given))


def _short_sum(sender: str) -> str:
    """Tells who sent a job from others, and too little to try tokens with."""
    return hashlib.sha256(sender.encode()).hexdigest()[:8]
