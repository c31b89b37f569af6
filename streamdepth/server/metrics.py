"""Figures of the service in the text format of Prometheus (version 0.0.4)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sample:
    """One line."""

    name: str
    value: float
    labels: Labels = ()

    def __str__(self) -> str:
        inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in self.labels)
        name = f"{self.name}{{{inside}}}" if inside else self.name
        return f"{name} {int(self.value) if self.value == int(self.value) else repr(self.value)}"


class Counter:
    """Only rises, for each set of labels."""

    def __init__(self, name: str, help: str) -> None:
        self.name, self.help, self.kind = name, help, "counter"
        self._values: Tally[Labels] = Tally()

    def add(self, amount: float = 1, **labels: str) -> None:
        """Count."""
        self._values[tuple(labels.items())] += amount  # type: ignore[assignment]  # seconds are counted, too

    def samples(self) -> Iterator[Sample]:
        """As they are now."""
        for labels, value in sorted(self._values.items()):
            yield Sample(self.name, value, labels)


class Histogram:
    """How long something takes, for each set of labels."""

    def __init__(self, name: str, help: str) -> None:
        self.name, self.help, self.kind = name, help, "histogram"
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def add(self, seconds: float, **labels: str) -> None:
        """It took so long."""
        key = tuple(labels.items())
        counts = self._counts.setdefault(key, [0] * (len(BOUNDS) + 1))
        counts[bisect_left(BOUNDS, seconds)] += 1
        self._sums[key] = self._sums.get(key, 0.0) + seconds

    def samples(self) -> Iterator[Sample]:
        """Cumulative counts by upper bound, the sum, and the count."""
        for key, counts in sorted(self._counts.items()):
            total = 0
            for bound, count in zip((*(f"{b:g}" for b in BOUNDS), "+Inf"), counts, strict=True):
                total += count
                yield Sample(f"{self.name}_bucket", total, (*key, ("le", bound)))
            yield Sample(f"{self.name}_sum", self._sums[key], key)
            yield Sample(f"{self.name}_count", total, key)


@dataclass(frozen=True)
class Gauge:
    """A value as it is now."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] | None = None
    kind: str = "gauge"

    def samples(self) -> Iterator[Sample]:
        """The one."""
        yield Sample(self.name, self.value, tuple((self.labels or {}).items()))


def exposition(metrics: Iterable[Counter | Histogram | Gauge]) -> str:
    """The text that a Prometheus reads."""
    lines = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
        lines += map(str, metric.samples())
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
