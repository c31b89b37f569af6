from __future__ import annotations

import threading

from streamdepth.threads.pool import Pool


def test_a_pool_is_shut_down_without_waiting():
    release = threading.Event()
    pool = Pool("test", 1)
    running, waiting = pool.submit(release.wait, 30), pool.submit(lambda: None)
    pool.shutdown()
    assert not running.done()
    assert waiting.cancelled()
    release.set()
