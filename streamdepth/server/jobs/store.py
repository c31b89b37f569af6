"""Where the records of jobs are: what was accepted is on disk, and outlives the process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Protocol

from streamdepth.errors import SinkError
from streamdepth.server.jobs.record import Record, State, Wishes, stored

STATES = frozenset(state.value for state in State)

Change = Callable[[Record], Record]
"""Makes of a record what becomes of it, or gives it back as it is; called again where another changed it meanwhile."""

OnChange = Callable[[bool], None]
"""Gets True where a job came, moved or went, and False where it is only farther than it was."""


class StoreAway(SinkError):
    """The store does not answer now. What was asked of it is done, or not."""


class StoreFull(StoreAway):
    """The store has no room to write, or may not now. What was asked of it is not done."""


class Store(Protocol):
    """Records by their id, from any thread. What is changed is on disk before the call returns.

    Each call raises `StoreAway` where the store does not answer, and `SinkError` where it cannot be used.
    """

    @property
    def is_shared(self) -> bool:
        """Whether several processes, on several machines, work with it."""

    def now(self) -> float:
        """Seconds since 1970, by the clock by which leases end."""

    def add(self, record: Record) -> bool:
        """Keep a new record; False where there is one of its id."""

    def get(self, identity: str) -> Record | None:
        """The record of an id."""

    def change(self, identity: str, change: Change) -> Record | None:
        """Put what `change` makes of a record into its place, in one step; what it is then, or None for no record."""

    def unsettled(self) -> list[Record]:
        """Those of which something is to become, the oldest first."""

    def all(self) -> list[Record]:
        """Every record, the oldest first."""

    def newest(self) -> float:
        """When the last of those was made of which something is to become; 0 where there is none."""

    def delete(self, record: Record) -> None:
        """Forget a record; one of its id that has another place is another job, which came since, and stays."""

    def listen(self, call: OnChange) -> None:
        """From now on `call`, in any thread, soon after a change: a hint, which may be missing or one too many."""

    def close(self) -> None:
        """Nothing more is asked."""


def packed(record: Record) -> str:
    """A record as text."""
    return json.dumps(stored(record))


def unpacked(text: str) -> Record:
    """The record of a text, of whichever release: what it lacks is as usual, what is not known is kept."""
    document = json.loads(text)
    known, more = _parted(document, Record)
    if known["state"] not in STATES:
        known, more = known | {"state": State.UNKNOWN.value}, more | {"state": known["state"]}
    wishes, more_wishes = _parted(document.get("wishes", {}), Wishes)
    values = known | {"state": State(known["state"]), "wishes": Wishes(**wishes, more=more_wishes)}
    return Record(**values, more=more)


def _parted(document: Mapping[str, Any], of: type[Record | Wishes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `of` has fields for, and the rest."""
    names = {field.name for field in fields(of)} - {"more"}
    return {n: v for n, v in document.items() if n in names}, {
        n: v for n, v in document.items() if n not in names
    }
