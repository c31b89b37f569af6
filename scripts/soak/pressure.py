#!/usr/bin/env python
"""Sixteen viewers of a service that lacks memory and stands still now and then: is anybody hung up on?

    .venv/bin/python scripts/soak/pressure.py [--minutes 10] [--viewers 16] [--megabytes 600] [--halt 22]

As root on Linux: the service runs in a memory cgroup beside a process that eats all of it again and again, until the
kernel ends that and it is started anew. Once in the middle the service is halted for so many seconds, as on a machine
that swaps or sleeps. Viewers are aiortc clients in a process outside. Prints a line every ten seconds; exit status 1
where a viewer was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SERVER = REPOSITORY / "tests" / "fakes" / "stamped_service.py"
VIEWERS = Path(__file__).with_name("viewers.py")
LOOK_EVERY = 1.0
REPORT_EVERY = 10.0
JOIN_PATIENCE = 120.0
EATER = """
import pathlib
pathlib.Path("/proc/self/oom_score_adj").write_text("1000")
held = []
while True:
    held.append(bytearray(b"x") * (8 << 20))
    for block in held:
        block[::4096] = block[::4096]
"""


class Group:
    """A cgroup of version 1 or 2 whose processes have so much memory together."""

    def __init__(self, megabytes: int) -> None:
        first = Path("/sys/fs/cgroup/memory")
        self.folder = (first if first.exists() else first.parent) / f"streamdepth-{os.getpid()}"
        self.folder.mkdir()
        name = "memory.limit_in_bytes" if first.exists() else "memory.max"
        (self.folder / name).write_text(str(megabytes << 20))

    def take(self, process: subprocess.Popen[str]) -> None:
        """Have a process in it from now on."""
        (self.folder / "cgroup.procs").write_text(str(process.pid))

    def remove(self) -> None:
        """Remove the group, once the kernel no longer counts a process in it."""
        end = time.monotonic() + 20
        while self.folder.exists() and time.monotonic() < end:
            with suppress(OSError):
                self.folder.rmdir()
            time.sleep(0.2)


@contextmanager
def process(*command: object) -> Iterator[subprocess.Popen[str]]:
    """A running program in Python."""
    words = [sys.executable, *map(str, command)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def line_of(running: subprocess.Popen[str]) -> str:
    """The next line that a program prints."""
    assert running.stdout is not None
    return running.stdout.readline()


def viewers_of(address: str) -> int | None:
    """How many the service counts; None where it does not answer in time."""
    try:
        with urllib.request.urlopen(f"{address}/api/state", timeout=10) as answer:
            return int(json.load(answer)["viewers"]["now"])
    except OSError:
        return None


def faults(pid: int) -> int:
    """How often the process waited for memory to be read again."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[9])


class Eater:
    """Eats memory; begins anew whenever the kernel has ended it."""

    def __init__(self, group: Group) -> None:
        self._group, self.meals = group, 0
        self._process: subprocess.Popen[str] | None = None

    def look(self) -> None:
        """Begin (again) where it does not run."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen([sys.executable, "-c", EATER], text=True)
            self._group.take(self._process)
            self.meals += 1

    def stop(self) -> None:
        """No more."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def soak(wanted: argparse.Namespace) -> int:
    """The exit status."""
    seconds = wanted.minutes * 60
    with ExitStack() as stack:
        group = Group(wanted.megabytes)
        stack.callback(group.remove)
        service = stack.enter_context(process(SERVER, "--max-viewers", wanted.viewers))
        group.take(service)
        address = line_of(service).strip().rstrip("/")
        watched = ("--watch", address, "--glance", "--at-once", wanted.viewers)
        words = (*watched, "--seconds", seconds + JOIN_PATIENCE)
        watching = stack.enter_context(process(VIEWERS, *words))
        assert line_of(watching) == "watching\n", "not all viewers saw a picture"
        eater = Eater(group)
        stack.callback(eater.stop)
        fewest = wanted.viewers
        began, reported, halted = time.monotonic(), 0.0, wanted.halt <= 0
        while (passed := time.monotonic() - began) < seconds:
            eater.look()
            if passed > seconds / 2 and not halted:
                halted = True
                halt(service.pid, wanted.halt)
            now = viewers_of(address)
            fewest = fewest if now is None else min(fewest, now)
            if passed - reported >= REPORT_EVERY:
                reported = passed
                print(
                    f"{passed:4.0f} s: {now} there, {eater.meals} meals, {faults(service.pid)} faults",
                    flush=True,
                )
            time.sleep(LOOK_EVERY)
    print(f"{wanted.viewers} viewers for {seconds:.0f} s, {fewest} at the fewest")
    return int(fewest < wanted.viewers)


def halt(pid: int, seconds: float) -> None:
    """Have a process stand still."""
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)
    print(f"the service stood still for {seconds:g} s", flush=True)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--viewers", type=int, default=16)
    parser.add_argument(
        "--megabytes", type=int, default=600, help="that the service and the eater have together"
    )
    parser.add_argument("--halt", type=float, default=22.0, help="seconds; 0 for none")
    return soak(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
