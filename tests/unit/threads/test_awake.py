from __future__ import annotations

import pytest

from streamdepth.threads.awake import LONGEST, Awake


def test_seconds_count_while_somebody_looks():
    now = [100.0]
    waited = Awake(lambda: now[0])
    for _ in range(20):
        now[0] += 0.25
        seconds = waited.look()
    assert seconds == pytest.approx(5.0)


def test_a_process_that_was_stopped_has_not_waited():
    now = [100.0]
    waited = Awake(lambda: now[0])
    now[0] += 3600.0
    assert waited.look() == LONGEST
