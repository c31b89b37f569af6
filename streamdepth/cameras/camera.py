"""One camera of several: its run in a thread of its own, and how it is with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path

from streamdepth.batch.on_this_machine import make_folders
from streamdepth.batch.outcome import Ending, Outcome, State, outcome_of_run
from streamdepth.cameras.spec import CameraSpec
from streamdepth.errors import StreamdepthError
from streamdepth.files import disk_errors
from streamdepth.reporting.events import Event, Observe, OutputRenamed, RunBegan, Said
from streamdepth.run.run import Run
from streamdepth.run.spec import RunSpec
from streamdepth.threads.worker import Worker


class Phase(Enum):
    """How far a camera's run is."""

    STARTING = "starting"
    RUNNING = "running"
    ENDED = "ended"
    FAILED = "failed"


class Camera:
    """A camera from its start to its end; all may be called from any thread."""

    def __init__(self, spec: CameraSpec, observe: Observe, make_run: Callable[[Observe], Run]) -> None:
        """`make_run` makes its run, with `observe` for what happens; raises what that raises."""
        self.spec = spec
        self.reason = ""
        """Why it failed, in a sentence."""
        self.phase = Phase.STARTING
        self.news = ""
        """What it said last while it starts, such as that its address does not answer yet."""
        self._observe = observe
        self._renamed: dict[Path, Path] = {}
        self._is_stopped = False
        self._began = time.monotonic()
        self._seconds: float | None = None
        self._run = make_run(self._heed)
        self._worker = Worker(f"camera-{spec.name}", self._execute, on_error=self._fail)

    @property
    def name(self) -> str:
        """Of the camera."""
        return self.spec.name

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.phase in (Phase.ENDED, Phase.FAILED)

    @property
    def has_left(self) -> bool:
        """Whether it is over, and its thread with all that this refers to."""
        return self.is_over and self.join(0.0)

    @property
    def is_leaving(self) -> bool:
        """Whether it was asked to end."""
        return self._is_stopped

    def start(self) -> None:
        """Begin; returns at once."""
        self._worker.start()

    def stop(self) -> None:
        """Ask it to end soon, with everything closed; also before its input is open."""
        self._is_stopped = True
        self._run.stop()

    def join(self, patience: float) -> bool:
        """Whether it is over within so many seconds."""
        return not self._worker.is_running(patience)

    def outcome(self) -> Outcome:
        """What came of it, or has so far."""
        seconds = time.monotonic() - self._began if self._seconds is None else self._seconds
        ending = Ending(State.DONE, "", seconds)
        if self.phase is Phase.FAILED:
            ending = Ending(State.FAILED, self.reason, seconds)
        elif not self.is_over:
            ending = Ending(State.STOPPED, "it has not ended", seconds)
        return outcome_of_run(self.name, tuple(self._written()), self._run, ending)

    def _written(self) -> Iterator[Path]:
        """Where its outputs are: beside earlier ones of their names, and in pieces."""
        wanted = self.spec.run.output
        for place in wanted.places:
            if place == wanted.output and wanted.segment is not None:
                yield place.with_name(f"{place.stem}-*{place.suffix}")
            else:
                yield self._renamed.get(place, place)

    def _execute(self) -> None:
        try:
            wanted = self.spec.run
            make_folders((*wanted.output.places, *wanted.session.places))  # for good: others may write there
            _make_folders_of_events(wanted)
            self._run.execute()
        finally:
            self._seconds = time.monotonic() - self._began
        self.phase = Phase.ENDED

    def _fail(self, error: BaseException) -> None:
        if self._is_stopped and self.phase is Phase.STARTING:  # what it was opening is not wanted any more
            self.phase = Phase.ENDED
            return
        error = error.with_traceback(None)  # which would keep all that the run had
        known = isinstance(error, StreamdepthError)
        self.reason = str(error) if known else f"unexpected {type(error).__name__}: {error}"
        self.phase = Phase.FAILED
        self._observe(Said(f"failed: {self.reason}", is_warning=True))

    def _heed(self, event: Event) -> None:
        if isinstance(event, OutputRenamed):
            self._renamed[event.named] = event.named.with_name(event.written.name)
        if isinstance(event, Said) and self.phase is Phase.STARTING:
            self.news = event.line
        if isinstance(event, RunBegan):
            self.phase = Phase.RUNNING
            if self._is_stopped:  # it was asked for before there was anything to stop
                self._run.stop()
        self._observe(event)


def _make_folders_of_events(run: RunSpec) -> None:
    from streamdepth.sinks.events.open import file_of  # which knows brokers, that few runs have

    for file in filter(None, map(file_of, run.output.events)):
        with disk_errors(file):
            file.parent.mkdir(parents=True, exist_ok=True)
