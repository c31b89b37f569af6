"""Around every request: an id, a line in the log, figures, and an answer also where the service itself fails."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Any

from streamdepth.http.fields import field
from streamdepth.server.figures import Figures
from streamdepth.server.problems import failed, problem_answer
from streamdepth.server.traces import PARENT, NoTraces, Traces
from streamdepth.viewers.http.access import STREAM_FOLDERS

logger = logging.getLogger("streamdepth.access")

_NAME = re.compile(f"^({'|'.join((*STREAM_FOLDERS, '/live/', '/whip/', '/whep/', '/api/cameras/'))})[^/]+")
"""Of a live stream: everybody with the name may watch."""
_ID = re.compile(r"[\w.:-]{1,64}")
HEADER = b"x-request-id"
QUIET = ("/healthz", "/readyz", "/metrics", "/v2/health/live", "/v2/health/ready")
"""Asked every few seconds: their lines would hide the others."""
PARTS = "/static/"
"""What pages are made of: a score of files for each that is opened, which only who looks for a fault wants to read."""

_NO_TRACES = NoTraces()


class Observed:
    """ASGI middleware around the whole service, including authentication."""

    def __init__(self, app: Any, figures: Figures, traces: Traces = _NO_TRACES) -> None:
        self._app = app
        self._figures = figures
        self._traces = traces

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass a request on, and report how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _Seen(scope, send)
        is_quiet = scope["path"] in QUIET
        if not is_quiet:
            self._traces.begin(field(scope, PARENT) or "")
        try:
            await self._app(scope, receive, seen.send)
        except Exception:
            logger.exception("request %s failed", seen.id)
            if seen.status and not seen.is_whole:
                raise
            if not seen.status:
                await problem_answer(failed())(scope, receive, seen.send)
        finally:
            seconds = time.monotonic() - seen.began
            self._count(scope, seen, seconds)
            if not is_quiet:
                self._trace(scope, seen, seconds)
                self._log(scope, seen, seconds)

    def _count(self, scope: dict[str, Any], seen: _Seen, seconds: float) -> None:
        self._figures.add_request(_route(scope), _method(scope), seen.status, seconds)

    def _trace(self, scope: dict[str, Any], seen: _Seen, seconds: float) -> None:
        about: dict[str, str | int] = {
            "http.request.method": _method(scope),
            "http.route": _route(scope),
            "http.response.status_code": seen.status,
            "streamdepth.request_id": seen.id,
        }
        name = f"{_method(scope)} {_route(scope)}"
        self._traces.end(name, seconds, about, failed=seen.status >= 500)

    def _log(self, scope: dict[str, Any], seen: _Seen, seconds: float) -> None:
        is_part = scope["path"].startswith(PARTS) and seen.status < 400
        level = logging.DEBUG if is_part else logging.INFO
        if not logger.isEnabledFor(level):
            return
        client = (scope.get("client") or ("", 0))[0]
        path = shown_path(scope["path"])
        fields = {
            "request_id": seen.id,
            "method": scope["method"],
            "path": path,
            "status": seen.status,
            "bytes": seen.bytes,
            "ms": round(seconds * 1000, 1),
            "client": client,
        }
        line = "%s %s %s in %.1f ms, %d bytes, for %s (%s)"
        escaped = path.encode("unicode_escape").decode()
        said = scope["method"], escaped, seen.status, seconds * 1000, seen.bytes, client, seen.id
        # Not by `info`, which would look for the line of the code that asks.
        record = logger.makeRecord(logger.name, level, "", 0, line, said, None, extra={"fields": fields})
        logger.handle(record)


def shown_path(path: str) -> str:
    """A path as the log may have it: without the name of a live stream, which is all that its viewers need."""
    return _NAME.sub(r"\1***", path)


class _Seen:
    """What is seen of one answer on its way."""

    def __init__(self, scope: dict[str, Any], send: Any) -> None:
        given = field(scope, HEADER) or ""
        self.id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        self.began = time.monotonic()
        self.status = 0
        self.is_whole = False
        self.bytes = 0
        self._send = send

    async def send(self, message: Any) -> None:
        """Hand a part of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            fields = list(message.get("headers", ()))
            if all(name != HEADER for name, _ in fields):
                message["headers"] = [*fields, (HEADER, self.id.encode())]
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
        await self._send(message)


def _route(scope: dict[str, Any]) -> str:
    """As it was declared: paths that a client makes up make no new figures."""
    return str(getattr(scope.get("route"), "path", "other"))


def _method(scope: dict[str, Any]) -> str:
    """As it is counted: a client that makes methods up makes no new figures."""
    return (
        scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS") else "other"
    )
