"""Ways to run a network, which of them is the fastest, and the memory of that."""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from streamdepth.files import write_whole

EXACTNESS = ("fp32", "bf16", "int8")
"""Precisions, the most exact first."""
NOISE = 0.05
"""Ways whose times differ by less than this share are equally fast: what a busy machine makes of the same work."""
_ROUNDS = 9
_SECONDS = 2.5
_WARM = 2
_FORMAT = 2


@dataclass(frozen=True)
class Way:
    """A runtime and a precision, as the command line calls them."""

    runtime: str
    precision: str

    def __str__(self) -> str:
        return f"{self.runtime} {self.precision}"


def fastest(times: Mapping[Way, float]) -> Way:
    """The fastest; of those that are as fast within the noise, the most exact, and of these the first."""
    best = min(times.values())
    near = [way for way, seconds in times.items() if seconds <= best * (1 + NOISE)]
    return min(near, key=lambda way: EXACTNESS.index(way.precision))


def time_ways(
    runs: Mapping[Way, Callable[[], object]], clock: Callable[[], float] = time.perf_counter
) -> dict[Way, float]:
    """Median seconds of one run of each, in about 2.5 s together.

    They take turns, so that whatever else the machine does hits all of them alike. After the warm-up, each turn is as
    many runs as fit into its share of the time, at least one.
    """
    for run in runs.values():
        for _ in range(_WARM):
            _timed(run, 1, clock)
    share = _SECONDS / (_ROUNDS * len(runs))
    counts = {way: max(1, int(share / max(_timed(run, 1, clock), 1e-6))) for way, run in runs.items()}
    turns: dict[Way, list[float]] = {way: [] for way in runs}
    for _ in range(_ROUNDS):
        for way, run in runs.items():
            turns[way].append(_timed(run, counts[way], clock))
    return {way: statistics.median(seconds) for way, seconds in turns.items()}


def _timed(run: Callable[[], object], count: int, clock: Callable[[], float]) -> float:
    begin = clock()
    for _ in range(count):
        run()
    return (clock() - begin) / count


class WayMemory:
    """The choice that was made under the same circumstances, in a small file of its own in the cache folder."""

    def __init__(self, cache_dir: Path, circumstances: Mapping[str, Any]) -> None:
        self._key = json.dumps({"format": _FORMAT, **circumstances}, sort_keys=True)
        name = hashlib.sha256(self._key.encode()).hexdigest()[:16]
        self._path = cache_dir / "choices" / f"{name}.json"

    def recall(self, ways: Sequence[Way]) -> Way | None:
        """The choice, where there is one and it is among `ways`."""
        try:
            way = Way(**self._read()["way"])
        except (KeyError, TypeError):
            return None
        return way if way in ways else None

    def told(self) -> str | None:
        """The line that was told about the choice; None where there is none."""
        told = self._read().get("told")
        return told if isinstance(told, str) else None

    def _read(self) -> dict[str, Any]:
        """What is kept; empty where nothing is, or a damaged file: it is measured again."""
        try:
            told = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) and told.get("key") == self._key else {}

    def keep(self, way: Way, line: str) -> None:
        """Remember a choice, with the line that was told about it."""
        text = json.dumps({"key": self._key, "way": asdict(way), "told": line}, indent=1)
        with suppress(OSError):  # where nothing can be remembered, the next start measures again
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text.encode())
