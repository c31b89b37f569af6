"""For how long a process could have run while others had the processors: a busy machine is no fault of it."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import NamedTuple


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
    for thread in Path(f"/proc/{process}/task").iterdir():
        try:
            ran, waited = (int(word) / 1e9 for word in (thread / "schedstat").read_text().split()[:2])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended, or the system keeps no account
        number = int(thread.name)
        found.ran[number], found.waited[number] = ran, waited
    return found
