from __future__ import annotations

from streamdepth.server.metrics import Counter, Gauge, Histogram, exposition


def test_it_is_written_as_prometheus_reads_it():
    requests = Counter("requests_total", "Requests.")
    requests.add(route="/", status="200")
    requests.add(2, route='a"\\\n', status="404")
    seconds = Histogram("seconds", "Time.")
    for value in (0.001, 0.02, 99.0):
        seconds.add(value, span="decode")
    lines = exposition([requests, seconds, Gauge("depth", "Now.", 1234567.5)]).splitlines()
    assert lines[:2] == ["# HELP requests_total Requests.", "# TYPE requests_total counter"]
    assert 'requests_total{route="/",status="200"} 1' in lines
    assert r'requests_total{route="a\"\\\n",status="404"} 2' in lines
    assert 'seconds_bucket{span="decode",le="0.001"} 1' in lines
    assert 'seconds_bucket{span="decode",le="0.025"} 2' in lines
    assert 'seconds_bucket{span="decode",le="30"} 2' in lines
    assert 'seconds_bucket{span="decode",le="+Inf"} 3' in lines
    assert 'seconds_count{span="decode"} 3' in lines
    assert lines[-1] == "depth 1234567.5"
