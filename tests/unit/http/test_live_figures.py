from __future__ import annotations

from streamdepth.http.live_figures import live_text

FRAMES = {
    "captured": 30,
    "dropped_by": {"stale": 2},
    "inferred": 28,
    "reused": 5,
    "rendered": 28,
    "interpolated": 0,
    "written": 27,
}
NONE = {"p50": None, "p95": None}


def report(**more):
    told = {
        "source": None,
        "model": None,
        "engine": None,
        "frames": FRAMES,
        "latency_ms": NONE,
        "stages_ms": {},
    }
    return told | more


def test_a_run_that_has_not_begun_has_figures_too():
    text = live_text({"": report()})
    assert 'streamdepth_frames_total{camera="",step="written"} 27.0' in text
    assert "streamdepth_latency_seconds{" not in text
    assert "streamdepth_viewers" not in text
    assert "process_resident_memory_bytes" in text


def test_each_camera_has_its_own():
    front = report(
        source={"reconnects": 3, "seconds_away": 4.5},
        model={"name": "nano"},
        engine="onnxruntime",
        latency_ms={"p50": 20.0, "p95": 40.0},
        stages_ms={"inference": {"p50": 10.0, "p95": 12.0}, "sink": NONE},
    )
    text = live_text({"front": front, "door": report()}, {"front": "live", "door": "away (no answer)"}, 2)
    for line in (
        'streamdepth_frames_dropped_total{camera="front",cause="stale"} 2.0',
        'streamdepth_latency_seconds{camera="front",quantile="0.95"} 0.04',
        'streamdepth_stage_seconds{camera="front",quantile="0.5",stage="inference"} 0.01',
        'streamdepth_reconnects_total{camera="front"} 3.0',
        'streamdepth_live{camera="front"} 1.0',
        'streamdepth_live{camera="door"} 0.0',
        "streamdepth_viewers 2.0",
    ):
        assert line in text, text
    assert 'streamdepth_info{camera="front",engine="onnxruntime",model="nano"} 1.0' in text


def test_a_promise_is_told_of_those_that_made_one():
    promise = {"pictures": 40, "in_time": 39, "rung": 2, "steps": 3}
    text = live_text({"front": report(promise=promise), "door": report()})
    for line in (
        'streamdepth_promise_pictures_total{camera="front"} 40.0',
        'streamdepth_promise_pictures_in_time_total{camera="front"} 39.0',
        'streamdepth_promise_rung{camera="front"} 2.0',
        'streamdepth_promise_steps_total{camera="front"} 3.0',
    ):
        assert line in text.splitlines()
    assert 'promise_rung{camera="door"}' not in text
    assert "promise" not in live_text({"door": report()})
