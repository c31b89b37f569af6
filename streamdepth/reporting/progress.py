"""How far a long run is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.logs import log_info
from streamdepth.reporting.overall import Overall, duration, short
from streamdepth.reporting.pace import Pace
from streamdepth.visible import visible

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

LINE_EVERY = 10.0
"""Seconds between two plain lines."""


class Progress:
    """Tells of frames that are written; `total` is None where nobody knows how many are to come, and `behind` are done.

    With `overall`, of a file among several, it covers all of them as well.
    """

    def __init__(
        self,
        console: ErrorConsole,
        total: int | None,
        clock: Callable[[], float] = time.monotonic,
        overall: Overall | None = None,
        behind: int = 0,
    ) -> None:
        self._console = console
        self._pace = Pace(total, clock(), behind=behind)
        self._clock = clock
        self._overall = overall
        self._next_line = 0.0
        self._bar: Bar | None = None

    def advance(self, of: int | None = None) -> None:
        """One more frame is written; `of` is as `Pace.at` takes it."""
        now = self._clock()
        if self._pace.count == 0:
            self._start(now)
        self._pace = self._pace.at(self._pace.count + 1, now, of)
        if self._bar is not None:
            self._move(self._bar)
        elif now >= self._next_line:
            self._next_line += LINE_EVERY
            log_info(self._console, self._line(), plain=True)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _start(self, now: float) -> None:
        self._next_line = now + LINE_EVERY
        if self._console.is_terminal:
            self._bar = self._start_bar()

    def _start_bar(self) -> Bar:
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        columns = ("{task.description}", "{task.fields[count]}", "{task.fields[rate]}", "{task.fields[left]}")
        first, *others = (TextColumn(column, markup=False) for column in columns)
        bar = Bar(first, BarColumn(), *others, console=self._console.drawing, transient=True)
        name = "" if self._overall is None else visible(short(self._overall.name))
        bar.add_task(name, total=self._pace.total, count="", rate="", left="")
        if self._overall is not None:
            count = f"{self._overall.number}/{self._overall.count}"
            bar.add_task("all files", total=1.0, count=count, rate="", left="")
        bar.start()
        return bar

    def _move(self, bar: Bar) -> None:
        pace, (first, *others) = self._pace, bar.task_ids
        of = "" if pace.total is None else f"/{pace.total}"
        rate, left = _rate(pace), _left(pace.seconds_left)
        bar.update(
            first, completed=pace.done, total=pace.total, count=f"{pace.done}{of}", rate=rate, left=left
        )
        if self._overall is not None:
            bar.update(others[0], completed=self._overall.done(pace.part), left=_left(self._left_of_all()))

    def _left_of_all(self) -> float | None:
        return None if self._overall is None else self._overall.seconds_left_at(self._pace)

    def _line(self) -> str:
        pace, overall = self._pace, self._overall
        of = "" if pace.total is None else f" of {pace.total}"
        parts = [f"{pace.done}{of} frames", _rate(pace), _left(pace.seconds_left)]
        if overall is not None:
            left = _left(self._left_of_all())
            parts.append(f"file {overall.number} of {overall.count}" + (f" ({left} of all)" if left else ""))
        return ", ".join(part for part in parts if part)


def _rate(pace: Pace) -> str:
    return "" if pace.rate is None else f"{pace.rate:.1f} frames/s"


def _left(seconds: float | None) -> str:
    return "" if seconds is None else f"{duration(seconds)} left"


@contextmanager
def download_bar(console: ErrorConsole) -> Iterator[Callable[[int, int | None], None]]:
    """A function that takes how many bytes of a download there are, and of how many; a bar on a terminal only.

    The bar is there from the first of them on: it hides the cursor, and mostly nothing is fetched.
    """
    with ExitStack() as stack:
        shown: list[Callable[[int, int | None], None]] = []

        def report(done: int, total: int | None) -> None:
            if not shown:
                shown.append(stack.enter_context(_bytes_bar(console)))
            shown[0](done, total)

        yield report if console.is_terminal else lambda _done, _total: None


@contextmanager
def _bytes_bar(console: ErrorConsole) -> Iterator[Callable[[int, int | None], None]]:
    from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console.drawing, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
