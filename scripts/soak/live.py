#!/usr/bin/env python
"""A live run that goes on and on, with faults: does memory grow, do pictures grow old, are all drops counted?

    .venv/bin/python scripts/soak/live.py --seconds 3600 [--record live.mp4] [--json]

The built-in scene at 30 frames a second through nano into a live recording. Now and then inference is slow for some
pictures in a row, or a sink stalls. Memory, threads and the age of the oldest picture shown are noted once a second.
The exit status is 1 when something grew or got lost. Slopes are least squares over what follows the warm-up.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

import streamdepth
from streamdepth import DepthMap, Rendered
from streamdepth.pipeline import StatsSnapshot
from streamdepth.pixels import BGRImage
from streamdepth.protocols import DepthEngine
from streamdepth.reporting.report import current_rss_mb
from streamdepth.reporting.status import EverySoOften
from streamdepth.sources.demo.source import DemoScene

SIZE = (640, 360)
RATE = Fraction(30)
WARM_UP = 10.0
"""Seconds until allocators, codecs and caches have what they need; at most a third of a run."""
SLOW, STALL = 0.25, 0.3
"""Seconds of a slow inference and of a stalled sink."""
BURST = 4
"""Slow inferences in a row."""
OLDEST = 2.0
"""Seconds, of the oldest picture of a second, in nine of ten of them: a picture is at most half a second old when its
inference begins, then come one slow inference and one stall. What piles up passes any bound; a moment in which the
machine does something else is no fault of ours, and is reported."""
GROWTH_MB = 12.0
"""Between the first and the last quarter: what allocators and the page cache move to and fro."""


@dataclass
class NowAndThen:
    """Whether it is time for a fault: every 1 to 5 s, by the clock, so that a slow machine has its faults, too."""

    chance: random.Random
    due: float = 0.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if now < self.due:
            return False
        self.due = now + self.chance.uniform(1, 5)
        return True


@dataclass
class SlowNowAndThen:
    """An engine that takes its time for some pictures in a row."""

    engine: DepthEngine
    now: NowAndThen
    left: int = 0
    bursts: int = 0

    def estimate(self, image: BGRImage) -> DepthMap:
        if self.left == 0 and self.now():
            self.left, self.bursts = BURST, self.bursts + 1
        if self.left:
            self.left -= 1
            time.sleep(SLOW)
        return self.engine.estimate(image)


@dataclass
class StallsNowAndThen:
    """A sink that blocks for a moment, and notes how old the pictures are that it lets through."""

    now: NowAndThen
    stalls: int = 0
    oldest: float = 0.0

    def write(self, rendered: Rendered) -> None:
        if self.now():
            self.stalls += 1
            time.sleep(STALL)
        self.oldest = max(self.oldest, time.monotonic() - rendered.estimate.frame.captured_at)

    def close(self, *, complete: bool = True) -> None:
        pass

    def take_oldest(self) -> float:
        oldest, self.oldest = self.oldest, 0.0
        return oldest


@dataclass
class Samples:
    """One value a second of each."""

    seconds: list[float] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    oldest: list[float] = field(default_factory=list)

    def take(self, began: float, oldest: float) -> None:
        self.seconds.append(time.monotonic() - began)
        self.rss_mb.append(current_rss_mb() or 0.0)
        self.threads.append(threading.active_count())
        self.oldest.append(oldest)

    def after(self, warm_up: float) -> Samples:
        first = next((n for n, second in enumerate(self.seconds) if second >= warm_up), 0)
        return Samples(self.seconds[first:], self.rss_mb[first:], self.threads[first:], self.oldest[first:])


@dataclass(frozen=True)
class Outcome:
    seconds: float
    captured: int
    inferred: int
    written: int
    dropped_by: dict[str, int]
    slow_bursts: int
    stalls: int
    rss_mb: tuple[float, float]
    """Median of the first and of the last quarter."""
    rss_slope_mb_per_hour: float
    threads: tuple[int, int]
    """At the first sample and at the last."""
    oldest_s: tuple[float, ...]
    """Age of the oldest picture shown in a second: median, 90th percentile and maximum over all seconds."""
    oldest_slope_s_per_hour: float
    faults: tuple[str, ...]
    """What should not be."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--record", type=Path, help="keep the recording in this file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = soak(wanted.seconds, wanted.record or Path(folder) / "live.mp4", random.Random(wanted.seed))
    print(json.dumps(asdict(outcome), indent=1)) if wanted.json else show(outcome)
    return 1 if outcome.faults else 0


def soak(seconds: float, recording: Path, chance: random.Random) -> Outcome:
    cv2.setNumThreads(1)
    scene = DemoScene(*SIZE, RATE, Fraction(seconds), live=True)
    network = streamdepth.load_engine(model="nano", threads=1)
    network.warm_up(*SIZE)
    engine = SlowNowAndThen(network, NowAndThen(chance))
    stalling = StallsNowAndThen(NowAndThen(chance))
    samples, began = Samples(), time.monotonic()
    sampling = EverySoOften(1.0, lambda: samples.take(began, stalling.take_oldest()))
    sinks = [streamdepth.open_sink(recording, scene), stalling, sampling]
    stats = streamdepth.Pipeline(scene, engine, streamdepth.Renderer(layout="side-by-side")).run(sinks)
    return judge(stats, samples.after(min(WARM_UP, seconds / 3)), engine.bursts, stalling.stalls)


def judge(stats: StatsSnapshot, samples: Samples, bursts: int, stalls: int) -> Outcome:
    quarter = max(1, len(samples.rss_mb) // 4)
    rss = (statistics.median(samples.rss_mb[:quarter]), statistics.median(samples.rss_mb[-quarter:]))
    threads = (samples.threads[0], samples.threads[-1])
    usual = float(np.percentile(samples.oldest, 90))
    wrong = {
        f"memory grew by {rss[1] - rss[0]:.1f} MB": rss[1] - rss[0] > GROWTH_MB,
        f"threads went from {threads[0]} to {threads[1]}": threads[1] > threads[0],
        f"in one second of ten a picture was {usual:.2f} s old": usual > OLDEST,
        "some pictures are neither inferred nor counted as dropped": stats.captured
        != stats.dropped + stats.inferred,
        "no fault was injected": not (bursts and stalls and stats.dropped),
    }
    return Outcome(
        seconds=round(stats.seconds, 1),
        captured=stats.captured,
        inferred=stats.inferred,
        written=stats.written,
        dropped_by=dict(stats.dropped_by),
        slow_bursts=bursts,
        stalls=stalls,
        rss_mb=rss,
        rss_slope_mb_per_hour=round(slope_per_hour(samples.seconds, samples.rss_mb), 1),
        threads=threads,
        oldest_s=tuple(round(float(np.percentile(samples.oldest, share)), 3) for share in (50, 90, 100)),
        oldest_slope_s_per_hour=round(slope_per_hour(samples.seconds, samples.oldest), 3),
        faults=tuple(what for what, is_so in wrong.items() if is_so),
    )


def slope_per_hour(seconds: list[float], values: list[float]) -> float:
    """Of the straight line through the values, by least squares."""
    return float(np.polyfit(seconds, values, 1)[0]) * 3600


def show(outcome: Outcome) -> None:
    for name, value in asdict(outcome).items():
        print(f"{name:>24}  {value}")


if __name__ == "__main__":
    raise SystemExit(main())
