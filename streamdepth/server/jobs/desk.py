"""Takes uploads in and answers about them, on the event loop: what waits for disk or store has threads of its own."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from typing import TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect

from streamdepth.http.auth import SENDER
from streamdepth.http.refusal import Refused
from streamdepth.server.jobs.archive import Archive, ZipLimits
from streamdepth.server.jobs.arrival import Arrival
from streamdepth.server.jobs.films import check_length
from streamdepth.server.jobs.incoming import Incoming, cancelled
from streamdepth.server.jobs.jobs import Jobs
from streamdepth.server.jobs.record import Record, State, Wishes
from streamdepth.server.jobs.store import StoreAway, StoreFull
from streamdepth.server.jobs.watch import Watch
from streamdepth.server.settings import JobLimits
from streamdepth.server.uploads import announced, check_encoding, check_whole, is_form
from streamdepth.threads.pool import Pool

T = TypeVar("T")

ID = re.compile(r"^(?!\.{1,2}$)[A-Za-z0-9_.~-]{1,128}$")
"""Of jobs, also for the contract, whose patterns know no classes of ours. One or two dots are folders of an address."""
ASIDE_THREADS = 4
CLEARED_WITHIN = 5.0
"""Seconds that clearing uploads that were broken off may take at the end; what is left is swept one day."""
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
        self._arriving: dict[str, Incoming] = {}
        self._coming: dict[str, str] = {}
        """Who sends each of them that is to be a new job."""
        self._aside = Pool("jobs-aside", ASIDE_THREADS)

    async def close(self) -> None:
        """Take nothing any more, once uploads that were broken off are cleared; its jobs are closed by their owner."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLEARED_WITHIN):
                for incoming in list(self._arriving.values()):
                    await incoming.is_over()
        self._aside.shutdown()

    async def look_up(self, identity: str) -> Record | None:
        """The record of a job, if there is one."""
        return await self.in_thread(self.jobs.find, identity)

    async def find(self, identity: str) -> Record:
        """The record of a job; raises `Refused` with 404."""
        record = await self.look_up(identity)
        if record is None:
            raise Refused(404, "there is no such job (it may have ended long ago)")
        return record

    async def cancel(self, identity: str) -> None:
        """End a job and remove all of it, also what still comes of it; raises `Refused` with 404."""
        incoming = self._arriving.get(identity)
        if incoming is not None:
            await incoming.drop()
        if not await self.in_thread(self.jobs.cancel, identity) and incoming is None:
            raise Refused(404, "there is no such job")

    async def by_state(self) -> dict[State, int]:
        """How many wait and how many are worked on."""
        return await self.in_thread(self.jobs.by_state)

    async def take(self, request: Request, identity: str, wishes: Wishes) -> tuple[Record, bool]:
        """The record of an upload, and whether it is new; raises `Refused` with 409 where the id is that of another."""
        if ID.fullmatch(identity) is None:
            raise Refused(
                422,
                "an id has up to 128 letters, digits, dots, dashes, tildes and underscores, not dots alone",
            )
        check_encoding(request)
        check_whole(request)
        if is_form(request):
            raise Refused(
                415, "a form is not accepted here (send the file itself as the body, as curl -T FILE does)"
            )
        if wishes.webhook and wishes.webhook not in self._webhooks:
            raise Refused(422, "there is no webhook of that name here (ask the operator for one)")
        if identity in self._arriving:
            raise Refused(409, "this job is being uploaded (wait for that)", Retry_After="2")
        incoming = self._arriving[identity] = Incoming()
        try:
            return await self._take(request, incoming, identity, wishes)
        except ClientDisconnect as error:
            raise Refused(400, "the upload broke off") from error
        finally:
            del self._arriving[identity]
            self._coming.pop(identity, None)
            incoming.end()

    async def _take(
        self, request: Request, incoming: Incoming, identity: str, wishes: Wishes
    ) -> tuple[Record, bool]:
        there = await self.look_up(identity)
        folder, limits = self.jobs.folder, self._limits
        if there is not None and there.state is State.CANCELLED:
            raise Refused(409, "this job is being cancelled (wait for that)", Retry_After="2")
        sender = _short_sum(request.scope[SENDER])
        if there is None:
            await self._check_room(announced(request, limits.film_bytes))
            await self._queue(identity, sender)
        has_room = partial(self._has_room, 0)
        arrival = Arrival(limits.film_bytes, has_room, self.in_thread)
        place = folder.new_place()
        try:
            pieces = incoming.pieces(request.stream())
            await arrival.take(pieces, folder.of(place) if there is None else None)
            wishes = wishes.of(arrival.suffix)
            came = arrival.sum, arrival.suffix, arrival.size
            record = Record(identity, *came, wishes=wishes, place=place, sender=sender)
            kept = await self.in_thread(self._keep, record, there is None)
        except StoreAway as error:
            if isinstance(error, StoreFull):
                await self.in_thread(folder.remove, place)
            raise  # else it may have been kept: the folder stays, and is swept one day if not
        except BaseException:
            await self.in_thread(folder.remove, place)
            raise
        if kept is None:
            raise cancelled()
        if kept.place != place:
            await self.in_thread(folder.remove, place)
        if (kept.sum, kept.wishes) != (record.sum, wishes):
            raise Refused(409, "there is another job of this id (choose another, or leave it out)")
        return kept, kept.place == place

    def _keep(self, record: Record, is_new: bool) -> Record | None:
        """What is kept of its id; None where there was a job, which was cancelled meanwhile."""
        if not is_new:
            return self.jobs.find(record.id)
        self._check(record)
        return self.jobs.add(record)

    def _check(self, record: Record) -> None:
        """Raise `SourceError` for what will not be worked on, and `Refused` for what is wished of no film."""
        if record.is_archive:
            with Archive(self.jobs.folder.upload(record), self._pictures):
                return
        if record.wishes.form != Wishes.form:
            raise Refused(422, "a film can only be coloured (send a zip of pictures for values)")
        check_length(self.jobs.folder.upload(record), self._limits.film_seconds)

    async def _queue(self, identity: str, sender: str) -> None:
        """Have a place for a job that arrives; raises `Refused` with 429 where there is none."""
        waiting = await self.in_thread(self.jobs.waiting)
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
        if not await self.in_thread(self._has_room, 2 * known):
            raise Refused(507, "there is too little room on the disk of this service (ask again later)")

    def _has_room(self, size: int) -> bool:
        return self.jobs.folder.free() >= size + self._limits.spare_bytes

    async def in_thread(self, call: Callable[..., T], *given: object) -> T:
        """What `call` returns, in one of the threads for disk and store: those that pictures need are kept free."""
        return await asyncio.get_running_loop().run_in_executor(self._aside, partial(call, *given))


def _short_sum(sender: str) -> str:
    """A short hash that identifies the sender of a job, too short to test guessed tokens against."""
    return hashlib.sha256(sender.encode()).hexdigest()[:8]
