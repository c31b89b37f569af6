"""Several cameras from the command line: a line of health for each, the table at the end, the exit status."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from streamdepth.batch.outcome import Outcome
from streamdepth.cameras.group import Group
from streamdepth.cameras.plan import plan_group
from streamdepth.cli.cameras_file import read_cameras
from streamdepth.cli.commands.run_words import RunWords, Wanted
from streamdepth.cli.commands.several import execute
from streamdepth.cli.observer import ConsoleObserver
from streamdepth.cli.progress_lines import ProgressLines
from streamdepth.heap import loading
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.events import Observe, Said
from streamdepth.reporting.systemd import ServiceManager
from streamdepth.run.importing import import_for

LOOK_EVERY = 5.0
"""Seconds between two looks whether the file of the cameras was edited."""


def run_group(wanted: Wanted, words: RunWords) -> int:
    """The exit status of all cameras together, with a table of them however it ends."""
    console, manager = ErrorConsole(), ServiceManager(words.environ)
    surroundings = words.surroundings(ServiceManager({}))  # no single camera speaks for the process
    path = wanted.cameras.cameras
    tables = read_cameras(path, wanted.spec) if path is not None else {}
    spec = plan_group(wanted.spec, wanted.batch, wanted.cameras, tables, surroundings)

    def observe_of(name: str) -> Observe:
        return ConsoleObserver(console, words.log.log_format, shows_progress=False, camera=name)

    pulses = [beat(manager), *([notice_edits(path, observe_of(""))] if path is not None else [])]

    def pulse() -> None:
        for one in pulses:
            one()

    group = Group(spec, surroundings, observe_of, pulse=pulse)
    with loading():
        import_for(spec.common)
    leaves_parts = any(run.leaves_parts for run in (spec.common, *(one.run for one in spec.cameras)))
    at_end = _report_ends if words.log.progress == "json" else None
    return execute(group, console, at_end, leaves_parts=leaves_parts)


def beat(manager: ServiceManager, clock: Callable[[], float] = time.monotonic) -> Callable[[], None]:
    """Returns a function that notifies the service manager: first that the group is ready, then that it is alive."""
    due: list[float] = []

    def notify_manager() -> None:
        now = clock()
        if not due:
            manager.ready()
            due.append(now)
        if manager.beat_every and now >= due[0]:
            due[0] = now + manager.beat_every
            manager.alive()

    return notify_manager


def notice_edits(
    path: Path, observe: Observe, clock: Callable[[], float] = time.monotonic
) -> Callable[[], None]:
    """What says that a file has been changed since it was read: who edits it waits for what does not come."""
    known, looked_at = _state_of(path), clock()

    def look() -> None:
        nonlocal known, looked_at
        if clock() < looked_at + LOOK_EVERY:
            return
        looked_at, state = clock(), _state_of(path)
        if state is not None and state != known:
            known = state
            observe(Said(f"{path} was changed; it is read at the start alone (start again to use it)"))

    return look


def _state_of(path: Path) -> tuple[int, int] | None:
    """None while an editor puts another file in its place."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _report_ends(outcomes: Sequence[Outcome], seconds: float) -> None:
    lines = ProgressLines.on(sys.stdout)
    for number, outcome in enumerate(outcomes, 1):
        lines.ended(number, len(outcomes), outcome)
    lines.total(outcomes, seconds)
