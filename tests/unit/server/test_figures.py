from __future__ import annotations

import pytest

from streamdepth.inference.pool import PoolFigures
from streamdepth.server.figures import Figures
from streamdepth.server.pictures import Spans


def pool(busy):
    return PoolFigures(lanes=2, running=1, waiting=3, seconds=0.1, busy=busy)


def test_the_utilisation_is_the_share_of_the_lanes_time_that_was_work():
    now = [0.0]
    figures = Figures(lambda: now[0])
    assert figures.utilisation(pool(0.0)) == 0.0
    now[0] = 10.0
    assert figures.utilisation(pool(10.0)) == pytest.approx(0.5)
    for second in range(20, 200, 10):
        now[0] = float(second)
        share = figures.utilisation(pool(10.0 + 2 * (second - 10)))
    assert share == 1.0, "of the last half minute alone"


def test_the_text_says_what_there_is_before_the_network_is_loaded_too():
    figures = Figures()
    figures.add_spans(Spans(0.1, 0.2, 0.3, 0.4))
    early = figures.text("1.2", (), None, {})
    assert "streamdepth_ready 0.0" in early
    assert 'streamdepth_span_seconds_count{span="inference"} 1.0' in early
    assert "_created" not in early
    late = figures.text("1.2", ("nano",), pool(1.0), {"waiting": 3})
    assert 'streamdepth_info{models="nano",version="1.2"} 1.0' in late
    assert "streamdepth_queue_depth 3.0" in late
    assert 'streamdepth_jobs{state="waiting"} 3.0' in late
    assert "streamdepth_jobs" not in early
    assert "# TYPE streamdepth_busy_seconds_total counter" in late
