"""SIGINT, SIGTERM and SIGHUP: files are finished first, but the process ends whatever hangs.

Python runs a signal's handler between two instructions of the main thread, so not while that thread is inside a
foreign call. A thread of its own therefore reads the bytes that Python writes at once for each signal
(`signal.set_wakeup_fd`): it keeps the time limit and handles the second signal.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn, Protocol

from streamdepth.cli.interrupts import ended_by, ends_by
from streamdepth.reporting.logs import complain
from streamdepth.threads.worker import Worker
from streamdepth.values import dataclass, field

HARD_CAP = 8.0
"""Seconds from the signal to the end of the process, unless a large file is still being written."""
WRITING_CAP = 60.0
"""Seconds that a process has which still writes much: the index of a long MP4 goes to its front."""
WRITES_MUCH = 1_000_000
"""Bytes a second."""

_HUNG_UP: signal.Signals | None = getattr(signal, "SIGHUP", None)  # Windows has none
_LOOK_EVERY = 0.5
_LAST_WORDS = 1.0  # seconds for the report of a run that hangs
_AT_ONCE = "ended at once by a second signal"
_LEFT = ": what was being written is left unfinished, under names such as depth.part.mp4"


def heeded() -> tuple[signal.Signals, ...]:
    """The signals that end a run; that of a closed terminal is none where it is ignored, as under nohup."""
    both = (signal.SIGINT, signal.SIGTERM)
    if _HUNG_UP is None or signal.getsignal(_HUNG_UP) is signal.SIG_IGN:
        return both
    return (*both, _HUNG_UP)


def says_more(number: int, received: Sequence[int]) -> bool:
    """Whether a second signal is a second request: one closed terminal causes several SIGHUPs, by shell and system."""
    return not received or number != _HUNG_UP


class Stoppable(Protocol):
    """A run, as far as signals go."""

    def stop(self) -> bool:
        """Ask it to end soon; False when there is nothing under way yet."""


@contextmanager
def handled_signals(
    run: Stoppable, last_words: Callable[[], None], cap: float | None = None, *, leaves_parts: bool
) -> Iterator[list[int]]:
    """Within it, the first signal ends the run with everything closed, and a second one the process at once.

    Before the run, the first already leaves by `SystemExit`. A process that has not ended `cap` seconds after the
    first signal (`HARD_CAP` where it is None) says so, calls `last_words`, and exits with 1. One that `leaves_parts`
    says so where it ends at once.
    Yields the list of the signals received. Leaves by `SystemExit` at once after a Ctrl-C that was lost before.
    """
    if (before := ended_by()) is not None:
        raise SystemExit(128 + before)
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if not says_more(number, received):
            return
        received.append(number)
        if len(received) > 1 or not run.stop():
            ends_by(number)
            raise SystemExit(128 + number)

    numbers = heeded()
    at_once = _AT_ONCE + (_LEFT if leaves_parts else "")
    with _watched(numbers, last_words, HARD_CAP if cap is None else cap, at_once):
        previous = {number: signal.signal(number, stop) for number in numbers}
        try:
            yield received
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


@contextmanager
def _watched(
    numbers: tuple[signal.Signals, ...], last_words: Callable[[], None], cap: float, at_once: str
) -> Iterator[None]:
    woken, waking = socket.socketpair()  # sockets, since Windows takes no pipe here
    waking.setblocking(False)
    watch = _Watch(woken, last_words, cap, at_once, numbers)
    worker = Worker("signals", watch.run, on_error=_say)
    previous = signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
    worker.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(previous)
        waking.close()  # the worker reads its end
        worker.join(_LAST_WORDS)
        woken.close()


@dataclass
class _Watch:
    """Reads signals until the other end is closed."""

    woken: socket.socket
    last_words: Callable[[], None]
    cap: float
    at_once: str
    """What is said where a second signal ends the process."""
    heeded: tuple[signal.Signals, ...]
    received: list[int] = field(default_factory=list)
    since: float = 0.0
    written: int = 0

    def run(self) -> None:
        while True:
            ready, _, _ = select.select([self.woken], [], [], _LOOK_EVERY if self.received else None)
            if not ready:
                self._look()
                continue
            numbers = self.woken.recv(64)
            if not numbers:
                return
            for number in numbers:
                self._take(number)

    def _take(self, number: int) -> None:
        if number not in self.heeded or not says_more(number, self.received):
            return
        if self.received:
            self._in_last_words(lambda: complain(self.at_once))
            os._exit(128 + number)
        self.received.append(number)
        self.since, self.written = time.monotonic(), _bytes_written()

    def _look(self) -> None:
        """Twice a second after the first signal: end a process that has had its time."""
        before, self.written = self.written, _bytes_written()
        writes_much = self.written - before > WRITES_MUCH * _LOOK_EVERY
        if time.monotonic() - self.since > (
            max(WRITING_CAP, self.cap) if writes_much else self.cap - _LAST_WORDS
        ):
            self._give_up()

    def _give_up(self) -> NoReturn:
        self._in_last_words(self._say_why)
        os._exit(1)

    def _in_last_words(self, call: Callable[[], None]) -> None:
        """In a thread of its own, since the thread that hangs may hold the lock of the log or of the figures."""
        Worker("last words", call, on_error=_say).start().is_running(_LAST_WORDS)

    def _say_why(self) -> None:
        name = signal.Signals(self.received[0]).name
        complain(
            f"the run did not end within {self.cap:g} s after {name} and was cut off: a file, a disk or a device "
            "hangs, or the machine is too busy (check both; what is there of a video plays)"
        )
        self.last_words()


def _say(error: BaseException) -> None:
    complain(str(error) or type(error).__name__)


def _bytes_written() -> int:
    """By this process so far, as far as the system reports it (Linux): `proc(5)`, /proc/PID/io."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("wchar")).split()[1])
    return 0
