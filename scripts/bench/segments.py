#!/usr/bin/env python
"""What borders, journal and going on cost beside a run that has none of them: seconds and CPU seconds, in turns.

    scripts/bench/segments.py CLIP ... [--times 8] [--rounds 5] [--model nano]

Each clip is played `--times` times in a row. "plain" is the same run that cannot be resumed: one encoder from start to
end, no journal, no state, nothing brought to disk on the way. "killed" is a run that is killed in its middle and
resumed; starting a second process is counted apart, since every command pays that. Ratios are medians of the pairs.
Leaves with 1 where a ratio is above `MOST`.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from against_ffmpeg import repeated

MOST = 1.03
BOUND = 3600.0


@dataclass(frozen=True)
class Cost:
    """Of one or two processes."""

    seconds: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.seconds + other.seconds, self.cpu + other.cpu)

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.seconds - other.seconds, self.cpu - other.cpu)


def cost_of(words: Sequence[str | Path], kill_after: float | None = None) -> Cost:
    """Of a process to its end, or until it is killed after so many seconds; raises CalledProcessError."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        if process.wait(BOUND if kill_after is None else kill_after):
            raise subprocess.CalledProcessError(process.returncode, process.args)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(BOUND)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.monotonic() - begin, cpu)


def render_plain(film: str, target: str, model: str) -> None:
    """A run as the command line makes it, but for what would let it be resumed."""
    from streamdepth.run.run import Run
    from streamdepth.run.spec import InputSpec, NetworkSpec, OutputSpec, RunSpec

    spec = RunSpec(
        InputSpec(input=film), output=OutputSpec(output=Path(target)), network=NetworkSpec(model=model)
    )
    with patch("streamdepth.run.run.open_resumable", lambda *_: None):
        Run(spec).execute()


def words(film: Path, target: Path, model: str, *more: str) -> list[str | Path]:
    return ["-m", "streamdepth", "--input", film, "--output", target, "--model", model, *more]


def killed(film: Path, target: Path, model: str, after: float) -> Cost:
    """A run that is killed after so many seconds and the one that goes on with it."""
    target.unlink(missing_ok=True)
    first = cost_of(words(film, target, model, "--no-resume"), after)
    return first + cost_of(words(film, target, model, "--resume"))


def measure(clip: Path, wanted: argparse.Namespace, folder: Path) -> bool:
    """Print a line a kind; whether all are within the bound."""
    film, target = repeated(clip, wanted.times, folder / "film.mp4", None), folder / "out.mp4"
    start = cost_of(words(film, target, wanted.model, "--frames", "1"))
    pairs: dict[str, list[tuple[Cost, Cost]]] = {"segments": [], "killed": []}
    for _ in range(wanted.rounds):
        plain = cost_of([__file__, "--render-plain", film, target, wanted.model])
        whole = cost_of(words(film, target, wanted.model))
        again = killed(film, target, wanted.model, start.seconds + (whole.seconds - start.seconds) / 2)
        pairs["segments"].append((whole, plain))
        pairs["killed"].append((again - start, plain))
    print(f"{clip.name}: starting takes {start.seconds:.2f} s, {start.cpu:.2f} CPU s")
    is_within = True
    for kind, found in pairs.items():
        seconds = statistics.median(a.seconds / b.seconds for a, b in found)
        cpu = statistics.median(a.cpu / b.cpu for a, b in found)
        plain_seconds = statistics.median(b.seconds for _, b in found)
        print(f"  {kind:<9} {seconds:.3f} of {plain_seconds:.1f} s, {cpu:.3f} of the CPU seconds", flush=True)
        is_within &= kind != "segments" or min(seconds, cpu) <= MOST
    return is_within


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--times", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", default="nano")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        within = [measure(clip, wanted, Path(name)) for clip in wanted.clips]
    return int(not all(within))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--render-plain"]:
        render_plain(*sys.argv[2:])
    else:
        sys.exit(main())
