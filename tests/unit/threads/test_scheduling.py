from __future__ import annotations

import os
import sys
import threading

import pytest

from streamdepth.threads.scheduling import give_way, long_turns, usual_threads
from streamdepth.threads.worker import Flag, Worker


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


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="root on Linux alone may make threads real-time ones"
)
def test_what_made_itself_and_its_threads_real_time_is_so_no_more():
    seen, ended = [], Flag()

    def policy_of(thread):
        return os.sched_getscheduler(thread)

    def work():
        started, ids = Flag(), []

        def inner():
            ids.append(threading.get_native_id())
            started.set()
            ended.wait(10)

        with usual_threads():
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
            child = Worker("inner", inner, on_error=seen.append).start()
            assert started.wait(10)
            seen.extend([policy_of(0), policy_of(ids[0])])
        seen.extend([policy_of(0), policy_of(ids[0])])
        ended.set()
        child.join(10)

    Worker("test", work, on_error=seen.append).start().join(20)
    assert seen == [os.SCHED_FIFO, os.SCHED_FIFO, os.SCHED_OTHER, os.SCHED_OTHER]
