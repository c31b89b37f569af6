"""For how long a process could have run while others had the processors: a busy machine is no fault of it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

BOUND = 60.0
"""Seconds against waiting for ever."""


class Threads(NamedTuple):
    """Seconds of each thread of a process so far, by its number."""

    ran: dict[int, float]
    waited: dict[int, float]
    """For a processor, while others had them all: of this process, too."""


class ProcessorWaits:
    """Of some processes of this machine, one of which hands on to the next: so their waits add up.

    What a process waits for its own threads is its own fault: the time that these ran is no wait. Where the machine is
    a virtual one, it waits itself for a processor now and then.
    """

    def __init__(self, *processes: int) -> None:
        self._processes = processes
        self._asked_at = time.monotonic()
        self._stolen, self._threads = stolen(), [threads_of(process) for process in processes]

    def since_last(self) -> float:
        """Seconds since this was asked last, and no more than have passed."""
        then, self._asked_at = self._asked_at, time.monotonic()
        lost, self._stolen = self._stolen, stolen()
        before, self._threads = self._threads, [threads_of(process) for process in self._processes]
        waits = longest(lost, self._stolen) + sum(
            max(0.0, longest(old.waited, new.waited) - total(old.ran, new.ran))
            for old, new in zip(before, self._threads, strict=True)
        )
        return min(waits, self._asked_at - then)


class Promise:
    """So many seconds, in which those do not count that others had the processors of some processes."""

    def __init__(self, seconds: float, *processes: int) -> None:
        self._left, self._looked_at = seconds, time.monotonic()
        self._waits = ProcessorWaits(*processes)

    def is_kept(self) -> bool:
        """Whether they have not passed yet; to be asked while all of the processes are there."""
        now = time.monotonic()
        self._left -= max(0.0, now - self._looked_at - self._waits.since_last())
        self._looked_at = now
        return self._left > 0

    def await_until(self, holds: Callable[[], object], pause: Callable[[], object] | None = None) -> None:
        """Wait until it does; fails where that takes longer, and where others have the processors for very long."""
        give_up_at = time.monotonic() + BOUND
        while not holds():
            assert self.is_kept(), "it did not come about in the time that is promised"
            assert time.monotonic() < give_up_at, "others have the processors"
            time.sleep(0.02) if pause is None else pause()


def with_all_below(process: int) -> tuple[int, ...]:
    """A process and those that it, or one of them, has started: as a browser has many."""
    parents = {int(place.name): parent_of(place) for place in Path("/proc").glob("[0-9]*")}
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return tuple(found)


def parent_of(place: Path) -> int:
    """By its folder in /proc; 0 where it has ended."""
    try:
        return int((place / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def longest(old: dict[int, float], new: dict[int, float]) -> float:
    """Of the growth of each."""
    return max((seconds - old.get(one, 0.0) for one, seconds in new.items()), default=0.0)


def total(old: dict[int, float], new: dict[int, float]) -> float:
    """Of the growth of each."""
    return sum(seconds - old.get(one, 0.0) for one, seconds in new.items())


def stolen() -> dict[int, float]:
    """Seconds that others have had each of the machine's processors so far; empty where the system does not tell."""
    found = re.findall(r"^cpu(\d+)" + r" \d+" * 7 + r" (\d+)", Path("/proc/stat").read_text(), re.MULTILINE)
    return {int(number): int(ticks) / os.sysconf("SC_CLK_TCK") for number, ticks in found}


def threads_of(process: int) -> Threads:
    """What the system has counted of each thread (proc(5), schedstat); empty where it does not."""
    found = Threads({}, {})
    for thread in threads_in(Path(f"/proc/{process}/task")):
        try:
            ran, waited = (int(word) / 1e9 for word in (thread / "schedstat").read_text().split()[:2])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended, or the system keeps no account
        number = int(thread.name)
        found.ran[number], found.waited[number] = ran, waited
    return found


def threads_in(folder: Path) -> list[Path]:
    """Of a process; none where it has ended."""
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return []
