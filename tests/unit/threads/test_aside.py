from __future__ import annotations

import signal
import threading

import pytest

from streamdepth.errors import StageStuck
from streamdepth.threads.aside import begin_aside, run_aside, run_bounded


def test_a_call_aside_gives_its_result_and_its_error():
    assert run_aside("opening", lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        run_aside("opening", lambda: 1 // 0)


def test_a_call_aside_leaves_the_caller_open_to_signals():
    class Interrupted(Exception):
        pass

    def interrupt(_number, _frame):
        raise Interrupted

    forever = threading.Event()
    previous = signal.signal(signal.SIGINT, interrupt)
    try:
        with pytest.raises(Interrupted):
            run_aside("opening", lambda: (signal.raise_signal(signal.SIGINT), forever.wait(30)))
    finally:
        signal.signal(signal.SIGINT, previous)
        forever.set()


def test_a_bounded_call_gives_its_result_or_its_error():
    assert run_bounded("opening", lambda: 7, 10.0, discard=lambda _: None) == 7
    with pytest.raises(ZeroDivisionError):
        run_bounded("opening", lambda: 1 // 0, 10.0, discard=lambda _: None)


def test_a_call_that_outlives_its_bound_is_left_behind_and_its_late_result_discarded():
    release, discarded = threading.Event(), []
    done = threading.Event()

    def discard(late):
        discarded.append(late)
        done.set()

    with pytest.raises(StageStuck, match="opening"):
        run_bounded("opening", lambda: release.wait(30) and "late", 0.05, discard=discard)
    assert discarded == []
    release.set()
    assert done.wait(10)
    assert discarded == ["late"]


def test_a_call_that_was_begun_goes_on_beside_the_caller_and_gives_its_result_or_its_error_when_asked():
    may_end, has_begun = threading.Event(), threading.Event()

    def call():
        has_begun.set()
        assert may_end.wait(10)
        return 7

    result = begin_aside("opening", call)
    assert has_begun.wait(10)
    may_end.set()
    assert result() == 7
    with pytest.raises(ZeroDivisionError):
        begin_aside("opening", lambda: 1 // 0)()
