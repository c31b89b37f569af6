from __future__ import annotations

import contextvars

import pytest

from streamdepth.server.pictures import Spans
from streamdepth.server.traces import Recorder

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def recorded(parent):
    """The spans of a request of one second with a picture in it, at ten seconds."""
    spans = []

    def request():
        recorder = Recorder(spans.append, clock=lambda: 10_000_000_000)
        recorder.begin(parent)
        recorder.steps(Spans(0.1, 0.2, 0.3, 0.25))
        recorder.end("POST /v1/depth", 1.0, {"http.response.status_code": 200}, failed=False)

    contextvars.copy_context().run(request)
    return spans


def test_the_steps_of_a_picture_follow_each_other_below_their_request_in_the_trace_of_the_client():
    *steps, request = recorded(f"00-{TRACE}-{PARENT}-01")
    assert (request.place.trace, request.place.parent, request.is_request) == (TRACE, PARENT, True)
    assert (request.began, request.ended) == (9_000_000_000, 10_000_000_000)
    assert [step.name for step in steps] == ["encode", "inference", "decode", "queue"]
    assert {(step.place.trace, step.place.parent) for step in steps} == {(TRACE, request.place.span)}
    assert [step.began for step in steps[:-1]] == [step.ended for step in steps[1:]]
    assert len({one.place.span for one in (*steps, request)}) == 5


@pytest.mark.parametrize("parent", ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-{PARENT}-01"])
def test_a_client_without_a_trace_gets_a_new_one(parent):
    request = recorded(parent)[-1]
    assert request.place.parent == ""
    assert request.place.trace not in ("", TRACE, "0" * 32)


def test_what_a_client_does_not_sample_is_not_recorded():
    assert recorded(f"00-{TRACE}-{PARENT}-00") == []
