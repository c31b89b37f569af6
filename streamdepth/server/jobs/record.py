"""What is known of a job: its record is the truth, and is written before anything is reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

from streamdepth.server.jobs.archive import SUFFIX as ARCHIVE
from streamdepth.values import dataclass, field


class State(Enum):
    """What becomes of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """One of another release, which looks after it."""


MOVES = {
    State.WAITING: {State.RUNNING, State.CANCELLED},
    State.RUNNING: {State.WAITING, State.DONE, State.FAILED, State.CANCELLED},
    State.DONE: set[State](),
    State.FAILED: set[State](),
    State.CANCELLED: set[State](),
    State.UNKNOWN: {State.CANCELLED},
}
"""From each; a job that was broken off waits again."""

LONGEST_LEASE = 60.0
LONGEST_REST = 5000.0
"""Seconds. What ends later than that from now was written before the clock was set back, and is over."""
MOST_BEGUN = 3
GETS_ON = 250
"""Frames beyond an earlier try's last one that show progress, however often a job's processes are killed."""


@dataclass(frozen=True)
class Wishes:
    """How a film, or the pictures of a zip, are rendered."""

    layout: str = ""
    """Empty is what is usual: `overlay` for a film, `depth` for pictures."""
    colormap: str = "inferno"
    form: str = "colours"
    """Of pictures: `colours`, or `16bit` for values."""
    webhook: str = ""
    """The webhook that is notified when it has ended, by the name that the operator gave; empty is none."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What another release knows to wish, as it is stored."""

    def of(self, suffix: str) -> Wishes:
        """With what is usual for such an upload."""
        return self if self.layout else replace(self, layout="depth" if suffix == ARCHIVE else "overlay")


@dataclass(frozen=True)
class Record:
    """One job."""

    id: str
    sum: str
    """Of what was uploaded and what was wished, in hexadecimal: the same id with another is another job."""
    suffix: str
    """Of the upload, by its content."""
    size: int
    """Bytes of the upload."""
    made: float = 0.0
    """Seconds since 1970, by the clock of the store, as all times are."""
    wishes: Wishes = Wishes()
    place: str = ""
    """The name of its folder, which no other job ever has."""
    sender: str = ""
    """Whose it is, as a sum that is too short to find a token by."""
    state: State = State.WAITING
    reason: str = ""
    """Why it failed, in one sentence."""
    ended: float | None = None
    frames: int = 0
    """That are done."""
    of: int | None = None
    """All frames; None where nobody knows."""
    seconds_left: float | None = None
    begun: int = 0
    """How often in a row it was started by a process that died before its end and made no progress."""
    broken_at: int = 0
    """Frames that were done when the last such process was gone."""
    worker: str = ""
    """The worker that does it, if it is running."""
    until: float = 0.0
    """Up to when that one alone may do it, by the clock of the store; before then nobody takes it up again."""
    notice_at: float | None = None
    """When its webhook is due; None if that is done, given up, or not wanted."""
    notices: int = 0
    """How often that was tried."""
    version: int = 0
    """Counts its changes: the id of its events."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What another release knows of it, as it is stored: it goes with the record."""

    @property
    def result_suffix(self) -> str:
        """Of what comes of it."""
        return ARCHIVE if self.is_archive else ".mp4"

    @property
    def is_archive(self) -> bool:
        """Whether pictures were sent, not a film."""
        return self.suffix == ARCHIVE

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it."""
        return not MOVES[self.state]

    @property
    def is_settled(self) -> bool:
        """Whether nobody has to look at it again until it is old."""
        return self.is_over and self.state is not State.CANCELLED and self.notice_at is None

    def may_be_taken(self, now: float) -> bool:
        """Whether a worker may begin it, once it was `found`, where it knows what is wished."""
        return self.state in (State.WAITING, State.RUNNING) and self.is_free(now)

    def is_free(self, now: float) -> bool:
        """Whether it is nobody's: no lease goes on."""
        return not now < self.until <= now + LONGEST_LEASE

    def is_left(self, now: float) -> bool:
        """Whether it was cancelled and has no live worker to clear it up."""
        return self.state is State.CANCELLED and self.is_free(now)

    def is_old(self, now: float, kept: float) -> bool:
        """Whether it ended longer than `kept` seconds ago."""
        return self.ended is not None and self.ended < now - kept

    def ended_by(self, now: float) -> Record:
        """Ended now at the latest: what says later was written before the clock was set back, and would stay long."""
        return self if self.ended is None or self.ended <= now else replace(self, ended=now)

    def is_done_by(self, worker: str) -> bool:
        """Whether that worker is the one to do it."""
        return self.state is State.RUNNING and self.worker == worker

    def moved(self, state: State, now: float, reason: str = "") -> Record:
        """The record in another state, without a worker; raises `ValueError` for a transition that is not allowed."""
        if state not in MOVES[self.state]:
            raise ValueError(f"a job that is {self.state.value} cannot become {state.value}")
        ended = now if not MOVES[state] else None
        begun = self.begun + 1 if state is State.RUNNING else 0
        moved = replace(self, state=state, reason=reason, ended=ended, begun=begun, seconds_left=None)
        notice_at = now if self.wishes.webhook and state in (State.DONE, State.FAILED) else None
        more = {name: value for name, value in self.more.items() if name != "state"}
        return replace(moved, worker="", until=0.0, notice_at=notice_at, version=self.version + 1, more=more)

    def taken(self, worker: str, now: float, until: float) -> Record:
        """Running, and leased to a worker."""
        return self.moved(State.RUNNING, now).leased(worker, until)

    def leased(self, worker: str, until: float) -> Record:
        """The same, for that worker alone up to then: not a change that is reported."""
        return replace(self, worker=worker, until=until)

    def put_off(self, now: float, until: float, reason: str) -> Record:
        """Waiting, and not to be taken up before `until`."""
        return replace(self.moved(State.WAITING, now, reason), until=until)

    def found(self, now: float) -> Record:
        """The record of a job whose worker is gone: waiting again, or failed after `MOST_BEGUN` workers ended on it."""
        if self.state is not State.RUNNING:
            return self
        begun = 1 if self.frames >= self.broken_at + GETS_ON else self.begun
        if begun >= MOST_BEGUN:
            return self.moved(State.FAILED, now, f"{begun} workers in a row ended while they rendered this")
        return replace(self.moved(State.WAITING, now), begun=begun, broken_at=self.frames)

    def progressed(self, frames: int, of: int | None, seconds_left: float | None) -> Record:
        """With more frames done."""
        return replace(self, frames=frames, of=of, seconds_left=seconds_left, version=self.version + 1)

    def notice_is_due(self, now: float) -> bool:
        """Whether its webhook is due now."""
        return self.notice_at is not None and not now < self.notice_at <= now + LONGEST_REST

    def noticed(self, again_at: float | None) -> Record:
        """After an attempt at its webhook, with the next one at that time, or none."""
        return replace(self, notice_at=again_at, notices=self.notices + 1)

    def to_json(self) -> dict[str, Any]:
        """The record as clients see it in JSON."""
        share = None if not self.of else min(1.0, self.frames / self.of)
        document: dict[str, Any] = {
            "id": self.id,
            "state": self.state.value,
            "frames": self.frames,
            "of": self.of,
            "progress": 1.0 if self.state is State.DONE else share,
            "seconds_left": self.seconds_left,
            **{name: wish for name, wish in stored(self.wishes).items() if wish},
        }
        return document | ({"reason": self.reason} if self.reason else {})


def stored(value: Record | Wishes) -> dict[str, Any]:
    """All of it as plain values, with what another release put there in its place."""
    document = {name: part for name, part in vars(value).items() if name != "more"}
    if isinstance(value, Record):
        document |= {"state": value.state.value, "wishes": stored(value.wishes)}
    return document | dict(value.more)
