"""The zones of one camera while it runs: as viewers see and set them, and in the file that keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamdepth.errors import NoFrameYet, UsageError
from streamdepth.files import write_whole
from streamdepth.threads.worker import Lock
from streamdepth.zones.read import zones_of
from streamdepth.zones.watch import Followed, ZoneWatch
from streamdepth.zones.write import table_of, toml_of
from streamdepth.zones.zone import Kind, Zones


class KeptZones:
    """Called from any thread. `path` is the .toml that gets what is set; None keeps it for this run alone."""

    def __init__(self, watch: ZoneWatch, path: Path | None = None) -> None:
        self._watch = watch
        self._path = path
        self._lock = Lock()

    def table(self) -> dict[str, Any]:
        """The zones as `zones_of` reads them, how it stands with each rule, and whether they outlive the run."""
        states = [_state(name, kind, followed) for (name, kind), followed in self._watch.states.items()]
        return {**table_of(self._watch.zones), "states": states, "kept": self._path is not None}

    def put(self, table: Mapping[str, Any]) -> None:
        """Watch these from the next picture on; raises `UsageError` for what is wrong, `SinkError` of the file.

        `NoFrameYet` is raised for distances in metres before a picture has said whether there are any.
        """
        zones = zones_of(table)
        if zones.in_metres and self._watch.has_metres is None:  # a run ends where there turn out to be none
            raise NoFrameYet("no picture has said yet whether depth has a unit (ask again soon)")
        check_units(zones, has_metres=self._watch.has_metres is True)
        with self._lock:
            if self._path is not None:
                write_whole(self._path, toml_of(zones).encode())
            self._watch.zones = zones


def check_units(zones: Zones, *, has_metres: bool) -> None:
    """Raise `UsageError` for distances in metres where depth has no unit: they would never be seen."""
    if zones.in_metres and not has_metres:
        raise UsageError(
            "zones have distances in metres, and this depth has no unit",
            "add --metres FILE, which streamdepth metres makes, or write relative distances",
        )


def _state(zone: str, kind: Kind, followed: Followed) -> dict[str, Any]:
    now = followed.now
    return {
        "zone": zone,
        "what": kind.value,
        "state": followed.watched.presence.value,
        "share": round(now.share, 4),
        "nearest": None if now.nearest is None else round(now.nearest, 4),
        "unseen": now.reason or None,
    }
