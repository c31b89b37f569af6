"""For how long a process could have run while others had the processors: a busy machine is no fault of it."""

from __future__ import annotations

import os
import re
from pathlib import Path


class ProcessorWaits:
    """Of some processes of this machine, one of which hands on to the next: so their waits add up.

    Where the machine is a virtual one, it waits itself for a processor now and then.
    """

    def __init__(self, *processes: int) -> None:
        self._processes = processes
        self._waits = self._so_far()

    def since_last(self) -> float:
        """Seconds since this was asked last: of each process those of the thread that waited longest."""
        before, self._waits = self._waits, self._so_far()
        return sum(
            max((wait - old.get(one, 0.0) for one, wait in new.items()), default=0.0)
            for old, new in zip(before, self._waits, strict=True)
        )

    def _so_far(self) -> list[dict[int, float]]:
        return [stolen(), *map(waits_of, self._processes)]


def stolen() -> dict[int, float]:
    """Seconds that others have had each of the machine's processors so far; empty where the system does not tell."""
    found = re.findall(r"^cpu(\d+)" + r" \d+" * 7 + r" (\d+)", Path("/proc/stat").read_text(), re.MULTILINE)
    return {int(number): int(ticks) / os.sysconf("SC_CLK_TCK") for number, ticks in found}


def waits_of(process: int) -> dict[int, float]:
    """Seconds that each thread has waited for a processor so far; empty where the system does not tell."""
    waits = {}
    for thread in Path(f"/proc/{process}/task").iterdir():
        try:
            waits[int(thread.name)] = int((thread / "schedstat").read_text().split()[1]) / 1e9
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended, or the system keeps no account
    return waits
