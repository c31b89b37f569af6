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


def test_each_bucket_counts_what_took_at_most_as_long_as_its_bound():
    figures = Figures()
    for seconds in (0.0, 0.001, 0.0011, 0.25, 40.0):
        figures.add_request("/v1/depth", "POST", 200, seconds)
    figures.add_lookup(hit=True)
    figures.add_shared()
    told = figures.text("1.2", (), None, {}).splitlines()
    name = 'streamdepth_request_seconds_bucket{le="%s",route="/v1/depth"} %s'
    for bound, count in (
        ("0.001", 2.0),
        ("0.0025", 3.0),
        ("0.1", 3.0),
        ("0.25", 4.0),
        ("30.0", 4.0),
        ("+Inf", 5.0),
    ):
        assert name % (bound, count) in told
    assert 'streamdepth_request_seconds_sum{route="/v1/depth"} 40.2521' in told
    assert 'streamdepth_requests_total{method="POST",route="/v1/depth",status="200"} 5.0' in told
    assert 'streamdepth_cache_total{result="hit"} 1.0' in told
    assert 'streamdepth_cache_total{result="miss"} 0.0' in told
    assert "streamdepth_shared_total 1.0" in told
