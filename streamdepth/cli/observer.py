"""What the person at the terminal, the log and the service manager get of what happens."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import Any

from streamdepth.cli.words import lines_of
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.events import (
    Alive,
    Event,
    Fetched,
    FrameWritten,
    LastMinute,
    LoadBegan,
    LoadEnded,
    Observe,
    OptionUnused,
    OutputsClosed,
    RunBegan,
    Stopping,
)
from streamdepth.reporting.logs import LogFormat, log
from streamdepth.reporting.overall import Overall
from streamdepth.reporting.progress import Progress, download_bar
from streamdepth.reporting.systemd import ServiceManager
from streamdepth.run.given import given, option_of


class ConsoleObserver:
    """Logs a line for each event that has words, shows bars on a terminal, and informs `manager`."""

    def __init__(
        self,
        console: ErrorConsole,
        log_format: LogFormat = "text",
        manager: ServiceManager | None = None,
        *,
        shows_progress: bool = True,
        camera: str = "",
    ) -> None:
        """`camera` stands before each line, where there are several of them."""
        self.overall: Overall | None = None
        """The file that is being rendered, where it is one of several."""
        self._console = console
        self._shows_progress = shows_progress
        self._camera = camera
        self._is_for_person = console.is_terminal and log_format == "text"
        self._manager = manager or ServiceManager({})
        self._progress: Progress | None = None
        self._loading = ExitStack()
        self._fetched: Callable[[int, int | None], None] | None = None

    def __call__(self, event: Event) -> None:
        """Show one event; called in any thread."""
        self._log(event)
        match event:
            case RunBegan():
                self._begin(event)
            case FrameWritten(_, of) if self._progress is not None:
                self._progress.advance(of)
            case OutputsClosed() if self._progress is not None:
                self._progress.close()
            case LoadBegan():
                self._fetched = self._loading.enter_context(download_bar(self._console))
            case Fetched(done, total) if self._fetched is not None:
                self._fetched(done, total)
            case LoadEnded():
                self._loading.close()
            case Alive():
                self._manager.alive()
            case Stopping():
                self._manager.stopping()

    def _log(self, event: Event) -> None:
        if isinstance(event, LastMinute) and self._is_for_person:
            return  # it is for logs, which are read later
        for line in lines_of(event):
            if line.is_link and self._is_for_person:
                self._console.print(f"streamdepth: {line.text}")
                continue
            text = f"{self._camera}: {line.text}" if self._camera else line.text
            fields = {**line.fields, "camera": self._camera} if self._camera else line.fields
            log(line.level, text, self._console, fields=fields)
            if isinstance(event, LastMinute):
                self._manager.status(line.text)

    def _begin(self, run: RunBegan) -> None:
        self._manager.ready()
        has_minutes = run.is_live and not self._is_for_person
        if run.writes_files and self._shows_progress and not has_minutes:
            self._progress = Progress(self._console, run.all_frames, overall=self.overall, behind=run.behind)


def each(*observers: Observe | None) -> Observe:
    """One observer for several, in their order; None is nobody."""

    def observe(event: Event) -> None:
        for observer in observers:
            if observer is not None:
                observer(event)

    return observe


def say_unused(observe: Observe, part: Any, whom: str, names: Collection[str] | None = None) -> None:
    """A warning for each option of `part` (of `names` alone, if given) that is for `whom` and was given in vain."""
    for name in given(part):
        if names is None or name in names:
            observe(OptionUnused(option_of(name), whom))
