"""The one kind of thread: named, joined with a bound, its error carried to its owner."""

from __future__ import annotations

import threading
from collections.abc import Callable

from streamdepth.errors import StageStuck

_PREFIX = "streamdepth-"


class Worker:
    """Runs `target` once in a thread of its own.

    An exception that leaves `target` is kept in `error` and reported to `on_error` from the thread itself. The
    thread is a daemon: one that is stuck in a foreign call cannot keep the process alive. `target` and `on_error` are
    forgotten once they have run: they mostly refer to the owner of the worker; both, with a decoder of some megabytes,
    would stay until Python next looks for such circles, which in a steady run it rarely does. The traceback of an error
    is such a circle as well: an owner that keeps the worker and raises the error no further drops it
    (`with_traceback(None)`).
    """

    def __init__(
        self, name: str, target: Callable[[], None], *, on_error: Callable[[BaseException], None]
    ) -> None:
        self.name = name
        self.error: BaseException | None = None
        self._calls: tuple[Callable[[], None], Callable[[BaseException], None]] | None = (target, on_error)
        self._thread = threading.Thread(target=self._run, name=_PREFIX + name, daemon=True)

    def start(self) -> Worker:
        """Start the thread; call once."""
        self._thread.start()
        return self

    def is_running(self, patience: float) -> bool:
        """Whether the thread still runs after `patience` seconds, or its end if that is sooner; not if it never did."""
        if self._thread.ident is not None:
            self._thread.join(patience)
        return self._thread.is_alive()

    def join(self, timeout: float) -> None:
        """Wait at most `timeout` seconds; raises `StageStuck` when the thread is still running then."""
        if self.is_running(timeout):
            raise stuck(self.name, timeout)

    def _run(self) -> None:
        assert self._calls is not None  # it is started once
        (target, on_error), self._calls = self._calls, None
        try:
            target()
        except BaseException as error:
            self.error = error
            on_error(error)


def left_behind() -> bool:
    """Whether a `Worker` still runs: one in a foreign call that could not be ended, when everything else has.

    Python must not end normally then. It stops such a thread where it comes back from the foreign call, and where that
    is C++ the process dies of it (`terminate called without an active exception`).
    """
    return any(thread.name.startswith(_PREFIX) for thread in threading.enumerate())


def stuck(name: str, seconds: float) -> StageStuck:
    """The error of a thread that did not end in time."""
    return StageStuck(f"the {name} stage did not end within {seconds:g} s", "it was left behind; start again")


Flag = threading.Event
"""Set once, from any thread, to ask stages to end."""

POLL = 0.2
"""Seconds between two looks of the main thread: signals are handled between them."""


def wait_for(flag: Flag) -> None:
    """Until it is set, in the main thread; signals are handled meanwhile."""
    while not flag.wait(POLL):
        pass


Lock = threading.Lock
"""For the few values that two threads share outside a hand-over."""
