"""Sends spans to an OpenTelemetry collector: OTLP over HTTP in JSON, in a thread, and to nobody else."""

from __future__ import annotations

import http.client
import json
import logging
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

import streamdepth
from streamdepth.connecting import why_no_answer
from streamdepth.http.health import Place as Address
from streamdepth.server.traces import Recorder, Span
from streamdepth.threads.handoff import Ended
from streamdepth.threads.outbox import Outbox
from streamdepth.threads.worker import Flag, Worker

logger = logging.getLogger(__name__)

PATH = "/v1/traces"
CAPACITY = 4096
"""Spans that wait; where the collector is away the oldest are dropped."""
AT_ONCE = 512
EVERY = 1.0
"""Seconds between two requests to the collector."""
PATIENCE = 5.0
CLOSE_PATIENCE = 2.0
_LOG = "look into its log"
_CURES = {
    **dict.fromkeys((404, 405, 415), "name the place that takes OTLP over HTTP, as in http://HOST:4318"),
    **dict.fromkeys((401, 403), "let it take traces without a login"),
}
"""By the status of an answer."""
_SERVER, _INTERNAL = 2, 1
_ERROR = 2


class Exporter:
    """Posts what is `put` to the collector at `address` (`http://HOST:4318`); raises `UsageError` for what is none.

    Putting never waits, and what the collector does not take is dropped: a trace is worth no picture.
    """

    def __init__(self, address: str) -> None:
        self._address = Address.of(address, PATH)
        self._waiting: Outbox[Span] = Outbox(CAPACITY)
        self._closing = Flag()
        self._is_away = False
        self._worker = Worker("traces", self._run, on_error=_log).start()

    def put(self, span: Span) -> None:
        """Let it be sent."""
        self._waiting.put(span)

    def close(self) -> None:
        """Send what waits, within two seconds."""
        self._waiting.close()
        self._closing.set()
        self._worker.is_running(CLOSE_PATIENCE)

    def _run(self) -> None:
        while True:
            try:
                spans = self._waiting.first(AT_ONCE, EVERY)
            except Ended:
                return
            if spans:
                self._send(spans)
                for span in spans:
                    self._waiting.done(span)
            self._closing.wait(EVERY)

    def _send(self, spans: Sequence[Span]) -> None:
        try:
            status = self._posted(json.dumps(to_otlp(spans)).encode())
        except (OSError, http.client.HTTPException) as error:
            self._log_change(*why_no_answer(error))
        else:
            self._log_change("" if status < 300 else f"it answers {status}", _CURES.get(status, _LOG))

    def _posted(self, body: bytes) -> int:
        """The status. No proxy is asked, and no redirection followed."""
        at = self._address
        connection = (
            http.client.HTTPSConnection(
                at.host, at.port, timeout=PATIENCE, context=ssl.create_default_context()
            )
            if at.is_secure
            else http.client.HTTPConnection(at.host, at.port, timeout=PATIENCE)
        )
        try:
            connection.request("POST", at.path, body, {"Content-Type": "application/json"})
            return connection.getresponse().status
        finally:
            connection.close()

    def _log_change(self, trouble: str, cure: str) -> None:
        """One line when it goes away, and one when it is back."""
        if bool(trouble) is self._is_away:
            return
        self._is_away = bool(trouble)
        if trouble:
            line = "traces do not reach %s (%s: %s): they are dropped until they do"
            logger.warning(line, self._address, trouble, cure)
        else:
            logger.info("traces reach %s again", self._address)


def recorder_to(address: str) -> Recorder:
    """`Traces` that go to a collector; raises `UsageError` for what is no address."""
    exporter = Exporter(address)
    return Recorder(exporter.put, exporter.close)


def to_otlp(spans: Sequence[Span]) -> dict[str, Any]:
    """Spans as an ExportTraceServiceRequest in JSON (opentelemetry-proto, OTLP 1.x)."""
    about = {"service.name": "streamdepth", "service.version": streamdepth.__version__}
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(about)},
                "scopeSpans": [{"scope": {"name": "streamdepth"}, "spans": [_span(one) for one in spans]}],
            }
        ]
    }


def _span(span: Span) -> dict[str, Any]:
    place = span.place
    return {
        "traceId": place.trace,
        "spanId": place.span,
        **({"parentSpanId": place.parent} if place.parent else {}),
        "name": span.name,
        "kind": _SERVER if span.is_request else _INTERNAL,
        "startTimeUnixNano": str(span.began),
        "endTimeUnixNano": str(span.ended),
        "attributes": _attributes(span.attributes),
        **({"status": {"code": _ERROR}} if span.failed else {}),
    }


def _attributes(named: Mapping[str, str | int]) -> list[dict[str, Any]]:
    return [
        {"key": name, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for name, value in named.items()
    ]


def _log(error: BaseException) -> None:
    logger.error("traces are not sent any more: %s", error)
