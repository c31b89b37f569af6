"""How far a long run is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar

from streamdepth.reporting.logs import tell

LINE_EVERY = 10.0
"""Seconds between two plain lines."""


class Progress:
    """Tells of frames that are written; `total` is None where nobody knows how many are to come."""

    def __init__(
        self, console: Console, total: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._total = total
        self._clock = clock
        self._count = 0
        self._started = 0.0
        self._next_line = 0.0
        self._bar: Bar | None = None

    def advance(self) -> None:
        """One more frame is written."""
        if self._count == 0:
            self._start()
        self._count += 1
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=1, rate=f"{self._rate():.1f} frames/s")
        elif self._clock() >= self._next_line:
            self._next_line += LINE_EVERY
            tell(self._console, self._line(), plain=True)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _start(self) -> None:
        self._started = self._clock()
        self._next_line = self._started + LINE_EVERY
        if self._console.is_terminal:
            self._bar = self._start_bar()

    def _start_bar(self) -> Bar:
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        bar = Bar(*columns, console=self._console, transient=True)
        bar.add_task("", total=self._total, rate="")
        bar.start()
        return bar

    def _rate(self) -> float:
        return self._count / max(self._clock() - self._started, 1e-6)

    def _line(self) -> str:
        if self._total is None:
            return f"{self._count} frames, {self._rate():.1f} frames/s"
        left = max(0.0, (self._total - self._count) / max(self._rate(), 1e-6))
        return f"{self._count} of {self._total} frames, {self._rate():.1f} frames/s, {left:.0f} s left"


@contextmanager
def download_bar(console: Console) -> Iterator[Callable[[int, int | None], None]]:
    """A function to tell how many bytes of a download there are, and of how many; a bar on a terminal only."""
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    with Bar(
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)
