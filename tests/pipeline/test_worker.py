from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import weakref

import pytest

from streamdepth.errors import StageStuck
from streamdepth.pipeline.pool import Pool
from streamdepth.pipeline.worker import (
    Watch,
    Worker,
    give_way,
    left_behind,
    long_turns,
    run_aside,
    run_bounded,
)


def test_a_worker_carries_its_error_to_who_started_it():
    seen = []
    boom = ValueError("boom")

    def fail():
        raise boom

    worker = Worker("test", fail, on_error=seen.append).start()
    worker.join(10)
    assert worker.error is boom
    assert seen == [boom]


def test_who_holds_a_worker_that_has_run_is_freed_at_once():
    class Holder:
        def __init__(self):
            self.worker = Worker("test", self.work, on_error=self.note).start()

        def work(self):
            return

        def note(self, error):
            raise AssertionError(error)

    gc.disable()
    try:
        holder = Holder()
        holder.worker.join(10)
        gone = weakref.ref(holder)
        del holder
        assert gone() is None
    finally:
        gc.enable()


def test_joining_a_worker_that_hangs_raises_its_name():
    release = threading.Event()
    worker = Worker("capture", lambda: release.wait(30), on_error=lambda _: None).start()
    with pytest.raises(StageStuck, match="capture"):
        worker.join(0.01)
    release.set()
    worker.join(10)


def test_a_worker_that_hangs_is_known_to_be_left_behind():
    started, release = threading.Event(), threading.Event()

    def hang():
        started.set()
        release.wait(30)

    worker = Worker("loading", hang, on_error=lambda _: None).start()
    assert started.wait(10)
    assert left_behind()
    release.set()
    worker.join(10)
    assert not worker.is_running(0)


def test_the_thread_bears_the_name_of_its_stage():
    names = []
    Worker("inference", lambda: names.append(threading.current_thread().name), on_error=print).start().join(
        10
    )
    assert names == ["streamdepth-inference"]


def test_a_watch_raises_only_while_a_call_outlives_its_limit():
    now = [0.0]
    watch = Watch("inference", 5.0, lambda: now[0])
    watch.check()
    with watch:
        now[0] = 4.9
        watch.check()
        now[0] = 5.1
        with pytest.raises(StageStuck, match="inference"):
            watch.check()
    watch.check()


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
    soon = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    soon.start()
    try:
        with pytest.raises(Interrupted):
            run_aside("opening", lambda: forever.wait(30))
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


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux only")
def test_a_thread_gives_way_with_those_that_it_starts_and_the_others_do_not():
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    seen = []

    def look():
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    def work():
        give_way(3)
        look()
        Worker("child", look, on_error=seen.append).start().join(10)

    Worker("test", work, on_error=seen.append).start().join(10)
    assert seen == [own + 3, own + 3]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux only")
def test_where_the_system_does_not_let_a_thread_give_way_it_goes_on(monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "setpriority", refuse)
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    give_way()
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has such a policy")
def test_long_turns_are_those_of_the_thread_and_its_children_until_they_end():
    seen = []

    def look():
        seen.append(os.sched_getscheduler(0))

    with long_turns():
        look()
        Worker("child", look, on_error=seen.append).start().join(10)
    look()
    assert seen == [os.SCHED_BATCH, os.SCHED_BATCH, os.SCHED_OTHER]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has such a policy")
def test_a_policy_that_somebody_chose_stays():
    seen = []

    def work():
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        with long_turns():
            seen.append(os.sched_getscheduler(0))
        seen.append(os.sched_getscheduler(0))

    Worker("test", work, on_error=seen.append).start().join(10)
    assert seen == [os.SCHED_IDLE, os.SCHED_IDLE]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has such a policy")
def test_where_the_system_does_not_let_turns_be_long_the_work_is_done_all_the_same(monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    with long_turns():
        assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_a_pool_is_shut_down_without_waiting():
    release = threading.Event()
    pool = Pool("test", 1)
    running, waiting = pool.submit(release.wait, 30), pool.submit(lambda: None)
    pool.shutdown()
    assert not running.done()
    assert waiting.cancelled()
    release.set()
