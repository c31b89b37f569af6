"""The jobs of a service as its clients know them: taken, looked up, cancelled, and cleared away when they are old."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.record import Record, State
from streamdepth.server.jobs.store import Store

BROKEN_OFF = 86_400.0
"""Seconds after which a folder that belongs to no record is no upload that still comes, to any service."""

A_MOMENT = 1e-6
"""Seconds: the least by which two times since 1970 differ as numbers, four times over."""


class Jobs:
    """Records of a store, and files in a folder. Raises `SinkError` where the folder cannot be used."""

    def __init__(self, folder: Folder, store: Store, kept_seconds: float) -> None:
        self.folder = folder
        self.store = store
        self._kept = kept_seconds
        if not store.is_shared:
            folder.sweep(store.all(), 0.0)

    def find(self, identity: str) -> Record | None:
        """The record of a job."""
        return self.store.get(identity)

    def by_state(self) -> dict[State, int]:
        """How many wait and how many are worked on."""
        states = [record.state for record in self.store.unsettled()]
        return {state: states.count(state) for state in (State.WAITING, State.RUNNING)}

    def waiting(self) -> Counter[str]:
        """How many wait, of each sender."""
        return Counter(one.sender for one in self.store.unsettled() if one.state is State.WAITING)

    def add(self, record: Record) -> Record:
        """Take a job whose upload is on disk; its own record, or the one that there was of its id.

        It is as old as the store says: by clocks of their own, some services would always be served before others. And
        younger than each one that is there: by a clock that was set back, it would be done before them.
        """
        record = replace(record, made=max(self.store.now(), self.store.newest() + A_MOMENT))
        while not self.store.add(record):
            there = self.store.get(record.id)
            if there is not None:
                return there
        return record

    def cancel(self, identity: str) -> bool:
        """End a job and remove all of it, as soon as its worker lets go of it; False where there is none."""
        now = self.store.change(identity, self._cancelled)
        if now is None:
            return False
        if not now.worker or now.is_left(self.store.now()):
            self.forget(now)
        return True

    def end_left(self) -> None:
        """Remove what was cancelled and whose worker is gone: no other one has to come for that."""
        now = self.store.now()
        for record in self.store.unsettled():
            if record.is_left(now):
                self.forget(record)

    def clear(self) -> None:
        """Remove what ended long ago, and what was cancelled and whose worker is gone."""
        now = self.store.now()
        records = self.store.all()
        for record in records:
            if record.is_old(now, self._kept) or record.is_left(now):
                self.forget(record)
            elif record.ended_by(now) is not record:
                self.store.change(record.id, lambda one: one.ended_by(now))
        if self.store.is_shared:
            self.folder.sweep(records, BROKEN_OFF)

    def forget(self, record: Record) -> None:
        """Remove a record and its files."""
        self.store.delete(record)
        self.folder.remove(record.place)

    def _cancelled(self, record: Record) -> Record:
        """Its worker keeps its lease: until it is over, that one is to end and to clear up."""
        if record.is_over:
            return record
        return record.moved(State.CANCELLED, self.store.now()).leased(record.worker, record.until)
