from __future__ import annotations

import os
import sys
import threading

import pytest

from streamdepth.threads.scheduling import give_way, long_turns
from streamdepth.threads.worker import Worker


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
