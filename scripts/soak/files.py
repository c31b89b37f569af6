#!/usr/bin/env python3
"""Kill renders and recordings at random moments, and let two runs want one name: what is left must play.

    scripts/soak/files.py --times 20 --size 640x272 --size 1280x720 --size 3840x2160 --load 2

Each run renders the built-in scene with `nano`. A killed run is one that was sent SIGKILL at a random moment after its
first pictures were on disk; a broken-off one got SIGINT. "Plays" is: every picture that FFmpeg finds is decoded, there
is at least one, and their times rise. Prints a line a kind and leaves with 1 where anything does not play.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av

BOUND = 300.0
"""Seconds for anything that should take a few."""
CAP = 8.0
"""Seconds within which a run ends after Ctrl-C."""
NETWORK = ("--model", "nano", "--engine", "onnxruntime", "--precision", "fp32")
"""The one that starts with the least work: files are the subject."""


@dataclass(frozen=True)
class Kind:
    """What is run: a render, or with `live` a recording."""

    size: str
    live: bool

    @property
    def name(self) -> str:
        """For people."""
        return f"{'recording' if self.live else 'render'} of {self.size}"

    def start(self, output: Path) -> subprocess.Popen[str]:
        """A run that goes on for minutes."""
        command = [sys.executable, "-m", "streamdepth", "--input", "demo", "--camera-size", self.size]
        command += [*NETWORK, "--duration", "600", "--output", str(output)]
        command += ["--live"] if self.live else []
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def pictures(path: Path, most: int | None = None) -> int:
    """How many pictures of a film can be shown, of its first `most`; 0 where it does not play."""
    times: list[int] = []
    try:
        with av.open(str(path)) as container:
            times.extend(frame.pts or 0 for frame in islice(container.decode(video=0), most))
    except (av.error.InvalidDataError, av.error.EOFError):
        pass  # the very end may be cut off
    except (av.error.FFmpegError, OSError, IndexError):
        return 0
    return len(times) if times == sorted(set(times)) else 0


def wait_for_film(folder: Path, process: subprocess.Popen[str]) -> bool:
    """Wait for the first pictures of a film to be on disk; False where the run ends before."""
    end = time.monotonic() + BOUND
    while time.monotonic() < end and process.poll() is None:
        if any(pictures(film, 1) for film in folder.glob("*.mp4")):
            return True
        time.sleep(0.2)
    return False


def stopped(kind: Kind, number: signal.Signals, chance: random.Random, within: float) -> tuple[bool, float]:
    """Whether what is left of one run plays, and the seconds from the signal to its end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process = kind.start(folder / "film.mp4")
        if not wait_for_film(folder, process):
            process.kill()
            return False, 0.0
        time.sleep(chance.uniform(0, within))
        process.send_signal(number)
        begin = time.monotonic()
        process.communicate(timeout=BOUND)
        seconds = time.monotonic() - begin
        films = list(folder.glob("*.mp4"))
        return bool(films) and all(pictures(film) for film in films), seconds


def settled(folder: Path, runs: list[subprocess.Popen[str]]) -> bool:
    """Wait until one of two runs was refused and the other has a film, or both have one; False where they do not."""
    end = time.monotonic() + BOUND
    while time.monotonic() < end:
        films = sum(pictures(film, 1) for film in folder.glob("*.mp4"))
        if films and films + sum(run.poll() is not None for run in runs) >= len(runs):
            return True
        time.sleep(0.2)
    return False


def shared(first: Kind, second: Kind) -> bool:
    """Whether two runs that want one name break nobody's file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = [kind.start(folder / "film.mp4") for kind in (first, second)]
        refused = not (first.live or second.live)
        ready = settled(folder, runs)
        for run in runs:
            run.send_signal(signal.SIGINT)
        said = [run.communicate(timeout=BOUND)[1] for run in runs]
        statuses = sorted(run.returncode for run in runs)
        films = list(folder.glob("*.mp4"))
        is_said = any("another run is writing" in text for text in said)
        expected = statuses == [1, 130] and is_said if refused else statuses == [130, 130] or is_said
        return ready and expected and bool(films) and all(pictures(film) for film in films)


@contextmanager
def load(count: int) -> Iterator[None]:
    """So many processes that take a core each."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def main() -> int:
    """Run it all; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--size", action="append", help="repeatable")
    parser.add_argument(
        "--only", choices=("render", "recording"), help="one kind alone, and no two runs of one name"
    )
    parser.add_argument("--signal", choices=("SIGKILL", "SIGINT"), help="one of them alone")
    parser.add_argument("--load", type=int, default=os.cpu_count() or 1, help="busy processes beside it")
    parser.add_argument("--within", type=float, default=5.0, help="seconds of the random moment")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    chance, failed = random.Random(wanted.seed), 0
    sizes = wanted.size or ["640x272", "1280x720", "3840x2160"]
    lives = [live for live in (False, True) if wanted.only in (None, "recording" if live else "render")]
    numbers = [number for number in (signal.SIGKILL, signal.SIGINT) if wanted.signal in (None, number.name)]
    kinds = [Kind(size, live) for live in lives for size in sizes]
    with load(wanted.load):
        for kind in kinds:
            for number in numbers:
                runs = [stopped(kind, number, chance, wanted.within) for _ in range(wanted.times)]
                played = sum(plays for plays, _ in runs)
                slowest = max((seconds for _, seconds in runs), default=0.0)
                failed += wanted.times - played + (number is signal.SIGINT and slowest > CAP + 1)
                line = (
                    f"{kind.name}, {number.name}: {played} of {wanted.times} play, ended in {slowest:.1f} s"
                )
                print(line, flush=True)
        small = [] if wanted.only else [Kind(sizes[0], live) for live in lives]
        for first, second in [(a, b) for a in small for b in small]:
            whole = shared(first, second)
            failed += not whole
            print(f"{first.name} and {second.name}, one name: {'whole' if whole else 'BROKEN'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
