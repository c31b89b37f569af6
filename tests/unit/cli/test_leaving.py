from __future__ import annotations

import io
import sys

import pytest
import rich.progress  # noqa: F401 - as where a bar was

from streamdepth.cli.leaving import a_thread_hangs, leave_at_once
from streamdepth.threads.worker import Flag, Worker

SHOW_CURSOR = "\x1b[?25h"


class Stream(io.StringIO):
    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self.isatty = lambda: is_terminal


class Left(Exception):
    pass


def leave(_status: int) -> None:
    raise Left


@pytest.mark.parametrize(("is_terminal", "said"), [(True, SHOW_CURSOR), (False, "")])
def test_the_cursor_that_a_bar_hid_is_back_on_a_terminal(is_terminal, said, monkeypatch):
    stream = Stream(is_terminal=is_terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("os._exit", leave)
    with pytest.raises(Left):
        leave_at_once(1)
    assert stream.getvalue() == said


def test_the_status_is_kept_where_standard_error_is_closed(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr("os._exit", leave)
    with pytest.raises(Left):
        leave_at_once(3)


def test_a_thread_that_is_not_over_hangs():
    import streamdepth.pipeline  # noqa: F401 - nobody starts a thread without it

    end = Flag()
    worker = Worker("late", lambda: end.wait(30) and None, on_error=lambda _error: None).start()
    try:
        assert a_thread_hangs()
    finally:
        end.set()
        worker.join(10)
