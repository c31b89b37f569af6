"""For how long a process could have run while others had the processors: a busy machine is no fault of it."""

from __future__ import annotations

from pathlib import Path


class ProcessorWaits:
    """Of some processes of this machine, one of which hands on to the next: so their waits add up."""

    def __init__(self, *processes: int) -> None:
        self._processes = processes
        self._told = [waits_of(process) for process in processes]

    def since_last(self) -> float:
        """Seconds since this was asked last: of each process those of the thread that waited longest."""
        before, self._told = self._told, [waits_of(process) for process in self._processes]
        return (
            sum(
                max((wait - old.get(thread, 0) for thread, wait in new.items()), default=0)
                for old, new in zip(before, self._told, strict=True)
            )
            / 1e9
        )


def waits_of(process: int) -> dict[int, int]:
    """Nanoseconds that each thread has waited for a processor so far; empty where the system does not tell."""
    waits = {}
    for thread in Path(f"/proc/{process}/task").iterdir():
        try:
            waits[int(thread.name)] = int((thread / "schedstat").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended, or the system keeps no account
    return waits
