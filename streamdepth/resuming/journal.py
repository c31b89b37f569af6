"""The journal of an unfinished film: what it depends on, and each border that was reached; text, only ever added to.

The first line is an object with `format`, `conditions` (what the pictures depend on, in words) and `chosen` (what
`auto` meant). Each further line is one border: the pictures so far, the last of them, the packets since the border
before, and how many depth maps wait. A line that is torn, and all that follow it, count for nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from streamdepth.files import PatientFile, disk_errors, write_whole
from streamdepth.frames import LeftOff
from streamdepth.resuming.room import Room
from streamdepth.sinks.movie.borders import Segment, Stamp
from streamdepth.values import dataclass

FORMAT = 1


@dataclass(frozen=True)
class Border:
    """A place from which a film can be gone on with."""

    left_off: LeftOff
    """The last picture before it."""
    seconds: float
    """For how long the film had been worked on."""
    segment: Segment
    """The pictures since the border before; empty where there is no film."""
    maps: int = 0
    """Depth maps in the spool, where there is one."""


@dataclass(frozen=True)
class Journal:
    """All that the lines say."""

    conditions: Mapping[str, str]
    """What the pictures depend on, by its name."""
    chosen: Mapping[str, str]
    """`model`, `engine` and `precision` that `auto` came to."""
    borders: tuple[Border, ...] = ()

    def up_to(self, count: int) -> Journal:
        """With the first `count` borders."""
        return replace(self, borders=self.borders[:count])


def read_journal(path: Path) -> Journal | None:
    """The journal in a file, as far as it is whole; None where there is none, or one of another release."""
    try:
        lines = path.read_bytes().split(b"\n")[:-1]  # the last one lacks its end, or is empty
        head = json.loads(lines[0])
        if head["format"] != FORMAT:
            return None
        return Journal(head["conditions"], head["chosen"], tuple(_borders(lines[1:])))
    except (OSError, LookupError, TypeError, ValueError):
        return None


class JournalFile:
    """A journal that is being written; every line is on disk when the call returns.

    Raises `SinkError` where it cannot be written; on a full disk it waits as the film does.
    """

    def __init__(self, path: Path, journal: Journal, room: Room) -> None:
        """Begins it anew, with the borders that `journal` has; what was there is replaced as a whole."""
        head = {"format": FORMAT, "conditions": dict(journal.conditions), "chosen": dict(journal.chosen)}
        self._path = path
        room.for_all_of(lambda: write_whole(path, _encoded([head, *map(border_to_json, journal.borders)])))
        with disk_errors(path):
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        self._file = PatientFile(handle, room)

    def add(self, border: Border) -> None:
        """Add a border."""
        data = memoryview(_encoded([border_to_json(border)]))
        with disk_errors(self._path):
            while data:
                data = data[self._file.write(data) :]
            self._file.sync()

    def close(self) -> None:
        """Release the file."""
        self._file.close()


def _encoded(lines: Iterable[Any]) -> bytes:
    return "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines).encode()


def border_to_json(border: Border) -> dict[str, Any]:
    """A line of the journal."""
    last, segment = border.left_off, border.segment
    return {
        "pictures": last.taken,
        "last": {"index": last.index, "pts": str(last.pts), "sum": last.sum},
        "first": str(last.first),
        "seconds": border.seconds,
        "header": segment.header.hex(),
        "time_base": str(segment.time_base),
        "sum": segment.sum,
        "packets": segment.stamps,
        **({"maps": border.maps} if border.maps else {}),
    }


def _borders(lines: Iterable[bytes]) -> Iterable[Border]:
    for line in lines:
        try:
            yield border_from_json(json.loads(line))
        except (LookupError, TypeError, ValueError):
            return


def border_from_json(line: Mapping[str, Any]) -> Border:
    """What a line says; raises `LookupError`, `TypeError`, `ValueError` where it is none."""
    last = line["last"]
    left_off = LeftOff(
        int(last["index"]),
        Fraction(last["pts"]),
        int(last["sum"]),
        int(line["pictures"]),
        Fraction(line["first"]),
    )
    stamps = tuple(Stamp(*map(int, packet)) for packet in line["packets"])
    header = bytes.fromhex(line["header"])
    segment = Segment(header, Fraction(line["time_base"]), stamps, int(line["sum"]))
    return Border(left_off, float(line["seconds"]), segment, int(line.get("maps", 0)))
