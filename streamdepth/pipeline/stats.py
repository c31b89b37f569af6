"""What happened in a run: counters that add up, times by stage, latency. Snapshots are values."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping

from streamdepth.threads.worker import Lock
from streamdepth.values import dataclass, field

RESERVOIR_SIZE = 4096
RECENT_SECONDS = 2.0
SILENCE_GAPS = 3.0
"""After so many times the usual gap without another one there is no rate any more."""
RECENT_SAMPLES = 256


@dataclass(frozen=True)
class Percentiles:
    """Median and 95th percentile, in seconds; None before the first sample."""

    p50: float | None = None
    p95: float | None = None


@dataclass(frozen=True)
class StatsSnapshot:
    """A run so far; once it has ended, `captured == dropped + inferred`."""

    captured: int = 0
    dropped_by: Mapping[str, int] = field(default_factory=dict)
    inferred: int = 0
    reused: int = 0
    """Of the inferred, those that have the depth of the last one: the picture was the same, or hardly differed."""
    rendered: int = 0
    interpolated: int = 0
    """Of the rendered, those that show the depth of an earlier frame, moved."""
    written: int = 0
    seconds: float = 0.0
    stages: Mapping[str, Percentiles] = field(default_factory=dict)
    latency: Percentiles = Percentiles()
    behind: str = ""
    """Why this run does not keep up with its source, in a sentence; empty where it does."""

    @property
    def dropped(self) -> int:
        """All drops, whatever their cause."""
        return sum(self.dropped_by.values())

    @property
    def fps(self) -> float:
        """Frames written or shown, over the seconds of the run."""
        return self.written / self.seconds if self.seconds > 0 else 0.0


class Reservoir:
    """A uniform sample of bounded size of all values seen (Vitter 1985, algorithm R)."""

    def __init__(self, size: int = RESERVOIR_SIZE) -> None:
        self._size = size
        self._seen = 0
        self._values: list[float] = []
        self._random = random.Random(0)

    def add(self, value: float) -> None:
        """Take one value into account."""
        self._seen += 1
        if len(self._values) < self._size:
            self._values.append(value)
            return
        place = self._random.randrange(self._seen)
        if place < self._size:
            self._values[place] = value

    def percentiles(self) -> Percentiles:
        """Median and 95th percentile by the nearest rank."""
        if not self._values:
            return Percentiles()
        ordered = sorted(self._values)
        last = len(ordered) - 1
        return Percentiles(ordered[round(last * 0.5)], ordered[round(last * 0.95)])


class RunStats:
    """Counters that every stage writes to; safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.behind = ""
        """As in a snapshot: whoever looks at the figures sets it."""
        self._clock = clock
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()
        self._stages: defaultdict[str, Reservoir] = defaultdict(Reservoir)
        self._latency = Reservoir()
        self._recent: deque[float] = deque(maxlen=RECENT_SAMPLES)
        self._recent_pictures: deque[float] = deque(maxlen=RECENT_SAMPLES)
        self._recent_latency = 0.0
        self._started: float | None = None
        self._ended: float | None = None

    def start(self) -> None:
        """The first read begins."""
        with self._lock:
            self._started = self._clock()

    def end(self) -> None:
        """The last sink is closed."""
        with self._lock:
            self._ended = self._clock()
            left = self._counts["captured"] - self._counts["inferred"] - sum(self._dropped.values())
            if left > 0:  # taken by a stage that outlived the run
                self._dropped["left behind"] += left

    def captured(self, seconds: float) -> None:
        """A frame was read, which took `seconds`."""
        self._count("captured", "capture", seconds)

    def inferred(self, seconds: float) -> None:
        """A depth map was made, which took `seconds`."""
        self._count("inferred", "inference", seconds)
        with self._lock:
            self._recent.append(self._clock())

    def reused(self) -> None:
        """A frame has the depth of the last one that was inferred, which counts as if it had been inferred itself."""
        with self._lock:
            self._counts["inferred"] += 1
            self._counts["reused"] += 1
            self._recent.append(self._clock())

    def rendered(self, seconds: float) -> None:
        """A picture was drawn, which took `seconds`."""
        self._count("rendered", "render", seconds)

    def interpolated(self) -> None:
        """The picture to be counted as rendered next shows the depth of an earlier frame."""
        with self._lock:
            self._counts["interpolated"] += 1

    def written(self, seconds: float, captured_at: float) -> None:
        """All sinks took a frame, which took them `seconds`; it had been captured at `captured_at`."""
        self._count("written", "sink", seconds)
        with self._lock:
            now = self._clock()
            self._recent_latency = now - captured_at
            self._latency.add(self._recent_latency)
            self._recent_pictures.append(now)

    def dropped(self, cause: str) -> None:
        """A captured frame will not be inferred, because of `cause`."""
        with self._lock:
            self._dropped[cause] += 1

    def snapshot(self) -> StatsSnapshot:
        """The run so far."""
        with self._lock:
            return StatsSnapshot(
                captured=self._counts["captured"],
                dropped_by=dict(self._dropped),
                inferred=self._counts["inferred"],
                reused=self._counts["reused"],
                rendered=self._counts["rendered"],
                interpolated=self._counts["interpolated"],
                written=self._counts["written"],
                seconds=self._seconds(),
                stages={name: times.percentiles() for name, times in self._stages.items()},
                latency=self._latency.percentiles(),
                behind=self.behind,
            )

    def recent(self) -> tuple[float, float, int]:
        """Depth maps a second, latency in seconds, drops: what a HUD shows, cheap enough for every frame."""
        with self._lock:
            return self._recent_rate(self._recent), self._recent_latency, sum(self._dropped.values())

    def recent_pictures(self) -> float:
        """Pictures shown a second, over the last two seconds."""
        with self._lock:
            return self._recent_rate(self._recent_pictures)

    def _count(self, counter: str, stage: str, seconds: float) -> None:
        with self._lock:
            self._counts[counter] += 1
            self._stages[stage].add(seconds)

    def _seconds(self) -> float:
        if self._started is None:
            return 0.0
        return (self._ended if self._ended is not None else self._clock()) - self._started

    def _recent_rate(self, times: deque[float]) -> float:
        """Of the last two seconds, or where less than two came in them of the last two moments; 0 after a silence."""
        now = self._clock()
        while len(times) > 2 and now - times[0] > RECENT_SECONDS:
            times.popleft()
        if len(times) < 2 or times[-1] == times[0]:
            return 0.0
        span, late = times[-1] - times[0], now - times[-1]
        gap = span / (len(times) - 1)
        if late > max(RECENT_SECONDS, SILENCE_GAPS * gap):
            return 0.0
        return (len(times) - 1) / (span + max(0.0, late - gap))  # the next one is not late before its time
