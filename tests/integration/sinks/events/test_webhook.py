"""Events to a server that takes, refuses, hangs."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mosquitto import until

from streamdepth.delivery.webhook import Webhook
from streamdepth.sinks.events.event import Event
from streamdepth.sinks.events.webhook import WebhookWriter
from streamdepth.zones.presence import Phase
from streamdepth.zones.watch import Change
from streamdepth.zones.zone import Kind, Unit

CHANGE = Change("door", Kind.NEAR, Phase.BEGAN, Fraction(1), Fraction(0), None, 0.25, 1.0, Unit.METRES)


@contextmanager
def receiving(*statuses):
    """(headers, body) of what is posted; the first are answered with `statuses`, the others with 204."""
    got, answers = [], list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers, body))
            self.send_response(answers.pop(0) if answers else 204)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1], got
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def posting(port):
    said = []
    hook = Webhook.parse(f"http://s3cret@127.0.0.1:{port}/hooks/T0KEN")
    writer = WebhookWriter(hook, lambda line, _: said.append(line), clock=lambda: 1700000000.9)
    writer.said = said
    try:
        yield writer
    finally:
        writer.close(complete=True)


def put(writer, count):
    for number in range(1, count + 1):
        writer.put(Event(f"r-{number}", "hall", number, None, CHANGE))


def test_each_event_is_posted_once_in_order_and_signed():
    with receiving() as (port, got), posting(port) as writer:
        put(writer, 3)
        until(lambda: writer.figures()["delivered"] == 3, "all are there")
    assert [json.loads(body)["id"] for _, body in got] == ["r-1", "r-2", "r-3"]
    headers, body = got[0]
    assert headers["webhook-id"] == "r-1"
    assert headers["Content-Type"] == "application/json"
    signed = b"r-1.1700000000." + body
    wanted = base64.b64encode(hmac.digest(b"s3cret", signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


def test_a_server_in_trouble_is_asked_again_with_the_same_identity():
    with receiving(503, 302, 429) as (port, got), posting(port) as writer:
        put(writer, 2)
        until(lambda: writer.figures()["delivered"] == 2, "all are there")
    assert [headers["webhook-id"] for headers, _ in got] == ["r-1"] * 4 + ["r-2"]
    said = " ".join(writer.said)
    assert "the server answered 503" in said
    assert "T0KEN" not in said
    assert "s3cret" not in said


def test_what_is_refused_for_good_is_not_posted_again():
    with receiving(422) as (port, got), posting(port) as writer:
        put(writer, 2)
        until(lambda: writer.figures()["delivered"] == 1, "the second is there")
    assert [headers["webhook-id"] for headers, _ in got] == ["r-1", "r-2"]
    assert writer.figures()["refused"] == 1
