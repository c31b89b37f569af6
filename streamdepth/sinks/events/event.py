"""One event, and the JSON in which everybody gets it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

from streamdepth.values import dataclass
from streamdepth.zones.watch import Change
from streamdepth.zones.zone import Zones


@dataclass(frozen=True)
class Event:
    """An event of a zone."""

    identity: str
    """Another for each event; of a film it is the same again when the film is gone through again."""
    camera: str
    frame: int
    """Index of the picture with which it was sure."""
    at: float | None
    """When that was captured, in seconds since 1970; None of a film."""
    change: Change

    @property
    def table(self) -> dict[str, Any]:
        """As JSON has it; what is not known is left out."""
        change = self.change
        document = {
            "id": self.identity,
            "camera": self.camera,
            "zone": change.zone,
            "what": change.kind.value,
            "phase": change.phase.value,
            "frame": self.frame,
            "pts": _seconds(change.time),
            "since": _seconds(change.since),
            "until": None if change.until is None else _seconds(change.until),
            "time": None if self.at is None else _utc(self.at),
            "share": round(change.share, 4),
            "nearest": None if change.nearest is None else round(change.nearest, 4),
            "unit": change.unit.value,
            "within": None if change.within is None else round(change.within, 3),
            "reason": change.reason or None,
        }
        return {name: value for name, value in document.items() if value is not None}

    @property
    def line(self) -> str:
        """The same as a line without its end."""
        return json.dumps(self.table, ensure_ascii=False)


class Writer(Protocol):
    """Where events go."""

    @property
    def failure(self) -> BaseException | None:
        """What ended its thread although it was not asked to: a fault of this program."""

    def put(self, event: Event) -> None:
        """Take one; of a live input it never waits. Raises `SinkError` where a film's events cannot be kept."""

    def end(self) -> None:
        """No more comes: from now on the time runs that `close` has. Does not wait."""

    def close(self, *, complete: bool) -> None:
        """Bring what waits where it belongs, in a bounded time; the end is reported. `complete` as of `Sink.close`."""

    def figures(self) -> dict[str, Any]:
        """How it goes, for the report; from any thread."""


@runtime_checkable
class Announces(Protocol):
    """A writer that announces which zones there are."""

    def announce(self, zones: Zones) -> None:
        """These are the zones from now on; it never waits."""


def _seconds(time: Fraction) -> float:
    return round(float(time), 6)


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
