"""Whether something is in a zone, over time: hysteresis and least times. Reads no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from fractions import Fraction

from streamdepth.values import dataclass
from streamdepth.zones.zone import Trigger


class Presence(Enum):
    """Whether something is there."""

    ABSENT = "absent"
    COMING = "coming"
    """It is there, and not yet for long enough."""
    PRESENT = "present"
    LEAVING = "leaving"
    """It is gone, and not yet for long enough."""


MOVES: Mapping[Presence, frozenset[Presence]] = {
    Presence.ABSENT: frozenset({Presence.COMING, Presence.PRESENT}),
    Presence.COMING: frozenset({Presence.ABSENT, Presence.PRESENT}),
    Presence.PRESENT: frozenset({Presence.LEAVING, Presence.ABSENT}),
    Presence.LEAVING: frozenset({Presence.PRESENT, Presence.ABSENT}),
}
"""Where each may go, beside staying."""
THERE = frozenset({Presence.PRESENT, Presence.LEAVING})
"""The states between the two events."""


class Phase(Enum):
    """The phases that are reported as events."""

    BEGAN = "began"
    ENDED = "ended"
    UNSEEN = "unseen"
    """Whether it is there can no longer be determined."""
    SEEN = "seen"
    """It can, again."""


@dataclass(frozen=True)
class Watched:
    """How it stands with one rule; times are in seconds of the stream."""

    presence: Presence = Presence.ABSENT
    since: Fraction = Fraction(0)
    """When what is there came: the first picture of it."""
    until: Fraction = Fraction(0)
    """While it leaves: the first picture without it."""

    def moved(self, presence: Presence, **times: Fraction) -> Watched:
        """The next one; `AssertionError` for a move that there is not."""
        assert presence in MOVES[self.presence], f"{self.presence} to {presence}"
        return replace(self, presence=presence, **times)


def transition(before: Watched, after: Watched) -> Phase | None:
    """The event between two states; None where there is none."""
    was, is_there = before.presence in THERE, after.presence in THERE
    if was == is_there:
        return None
    return Phase.BEGAN if is_there else Phase.ENDED


def step(watched: Watched, trigger: Trigger, share: float, leave_share: float, time: Fraction) -> Watched:
    """After a picture at `time`: `share` of the zone is what counts, `leave_share` what would for one that is there."""
    if watched.presence in THERE:
        return _there(watched, trigger, leave_share < trigger.leave_share, time)
    if share < trigger.share:
        return watched.moved(Presence.ABSENT) if watched.presence is Presence.COMING else watched
    since = watched.since if watched.presence is Presence.COMING else time
    if time - since >= trigger.seconds:
        return watched.moved(Presence.PRESENT, since=since)
    return watched if watched.presence is Presence.COMING else watched.moved(Presence.COMING, since=since)


def _there(watched: Watched, trigger: Trigger, is_gone: bool, time: Fraction) -> Watched:
    is_leaving = watched.presence is Presence.LEAVING
    if not is_gone:
        return watched.moved(Presence.PRESENT) if is_leaving else watched
    until = watched.until if is_leaving else time
    if time - until >= trigger.leave_seconds:
        return watched.moved(Presence.ABSENT, until=until)
    return watched if is_leaving else watched.moved(Presence.LEAVING, until=until)


def unseen(watched: Watched) -> Watched:
    """After a picture that says nothing about it: what is there stays, and a time that ran begins anew."""
    if watched.presence is Presence.COMING:
        return watched.moved(Presence.ABSENT)
    return watched.moved(Presence.PRESENT) if watched.presence is Presence.LEAVING else watched
