from __future__ import annotations

import threading

from streamdepth.threads.pool import Pool


def test_a_pool_is_shut_down_without_waiting():
    begun, release = threading.Event(), threading.Event()
    pool = Pool("test", 1)
    running = pool.submit(lambda: (begun.set(), release.wait(30)))
    waiting = pool.submit(lambda: None)
    assert begun.wait(30)
    pool.shutdown()
    assert not running.done()
    assert waiting.cancelled()
    release.set()
