from __future__ import annotations

import gc
import threading
import weakref

import pytest

from streamdepth.errors import StageStuck
from streamdepth.threads.worker import Worker, left_behind


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
