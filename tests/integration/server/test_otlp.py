"""Traces on their way to a collector."""

from __future__ import annotations

import json
import logging
from contextlib import nullcontext

import pytest
from depth_services import running_depth, until
from pictures import encoded, picture
from ports import free_port
from webhook_receivers import a_receiver

from streamdepth.errors import UsageError
from streamdepth.server import otlp
from streamdepth.server.otlp import Exporter, recorder_to

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def spans_in(got):
    told = [json.loads(body)["resourceSpans"][0] for _, _, body in got]
    return [span for one in told for span in one["scopeSpans"][0]["spans"]]


def test_a_request_and_its_steps_come_to_the_collector(monkeypatch):
    monkeypatch.setattr(otlp, "EVERY", 0.05)
    with a_receiver() as collector, running_depth(traces=f"http://{collector.url}") as service:
        service.depth(encoded(".png", picture()), traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")
        service.depth(b"no picture")
        until(lambda: len(spans_in(collector.got)) >= 6)
    paths = {(path, headers["content-type"]) for path, headers, _ in collector.got}
    assert paths == {("/v1/traces", "application/json")}
    spans = spans_in(collector.got)
    assert all(isinstance(span["startTimeUnixNano"], str) for span in spans)
    mine = [span for span in spans if span["traceId"] == TRACE]
    assert sorted(span["name"] for span in mine) == [
        "POST /v1/depth",
        "decode",
        "encode",
        "inference",
        "queue",
    ]
    (request,) = (span for span in mine if span["kind"] == 2)
    told = {one["key"]: one["value"] for one in request["attributes"]}
    assert told["http.response.status_code"] == {"intValue": "200"}
    assert told["http.route"] == {"stringValue": "/v1/depth"}
    assert all("readyz" not in span["name"] for span in spans), "probes are no work"


def test_a_collector_that_is_away_costs_one_line(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(otlp, "EVERY", 0.01)
    with a_receiver(*[503] * 3) as collector:
        traces = recorder_to(f"http://{collector.url}")
        for _ in range(4):
            before = len(collector.got)
            traces.begin("")
            traces.end("GET /", 0.1, {}, failed=True)
            until(lambda: len(collector.got) > before)  # noqa: B023
        until(lambda: "again" in caplog.text)
        traces.close()
    assert caplog.text.count("do not reach") == 1
    assert spans_in(collector.got)[0]["status"] == {"code": 2}


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ((), "(connection refused: check the host and the port, and that the server is on)"),
        ((503,), "(it answers 503: look into its log)"),
        ((404,), "(it answers 404: name the place that takes OTLP over HTTP, as in http://HOST:4318)"),
    ],
)
def test_a_collector_that_takes_nothing_is_said_with_the_cure(monkeypatch, caplog, statuses, words):
    monkeypatch.setattr(otlp, "EVERY", 0.01)
    with a_receiver(*statuses) if statuses else nullcontext() as collector:
        traces = recorder_to(f"http://{collector.url}" if statuses else f"http://127.0.0.1:{free_port()}")
        traces.begin("")
        traces.end("GET /", 0.1, {}, failed=True)
        until(lambda: caplog.messages)
        traces.close()
    (said,) = caplog.messages
    assert said.endswith(f"/v1/traces {words}: they are dropped until they do")


def test_what_is_no_address_is_refused():
    with pytest.raises(UsageError, match="not the address of a service"):
        Exporter("collector:4317")
