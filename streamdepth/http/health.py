"""Whether a service is ready, or alive, asked from outside: for probes where there is no curl. Loads nothing heavy."""

from __future__ import annotations

import http.client
import json
import ssl
from urllib.parse import urlsplit

from streamdepth.addresses import redact_address
from streamdepth.connecting import why_no_answer
from streamdepth.errors import SourceError, SourceTimeout, UsageError
from streamdepth.http.listening import is_loopback
from streamdepth.threads.worker import Worker
from streamdepth.values import dataclass

READY, ALIVE = "/readyz", "/healthz"
MOST_BYTES = 64 * 1024
"""Of an answer, as far as it is read."""


@dataclass(frozen=True)
class Place:
    """Where to ask. `of` raises `UsageError` for what is no address of a service."""

    is_secure: bool
    host: str
    port: int | None
    path: str

    @classmethod
    def of(cls, address: str, usual_path: str) -> Place:
        """The place of an address: its own path, and below it `usual_path` if it ends in a slash or is empty."""
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme not in ("http", "https") or parts.username is not None:
            raise UsageError(
                f"{redact_address(address)} is not the address of a service", "give it as http://HOST:PORT"
            )
        path = parts.path or "/"
        path = f"{path[:-1]}{usual_path}" if usual_path and path.endswith("/") else path
        asked = f"{path}?{parts.query}" if parts.query else path
        return cls(parts.scheme == "https", host, port, asked)

    def __str__(self) -> str:
        """Without its query, which may hold a secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"{'https' if self.is_secure else 'http'}://{host}{port}{self.path.partition('?')[0]}"


def ask(place: Place, seconds: float) -> None:
    """Return when the service says 200 at `place`.

    Raises `SourceError` for any other answer or none, and `SourceTimeout` after `seconds` in all, however slowly the
    answer or the name server drips.
    """
    said: list[tuple[int, str, bytes]] = []
    worker = Worker("health", lambda: said.append(_answer(place, seconds)), on_error=lambda _error: None)
    if worker.start().is_running(seconds) or isinstance(worker.error, TimeoutError):
        raise SourceTimeout(f"{place} has not answered within {seconds:g} s", "look into its log")
    if isinstance(worker.error, OSError | http.client.HTTPException):
        why, cure = why_no_answer(worker.error)
        raise SourceError(f"{place} does not answer: {why}", cure) from worker.error
    if worker.error is not None:
        raise worker.error
    status, kind, body = said[0]
    if status != 200:
        what = f"{place} answers {status} {http.client.responses.get(status, '')}".rstrip()
        if why := _detail(body):
            raise SourceError(f"{what}: {why}")
        raise SourceError(what, "name another path, or say --live" if status == 404 else "look into its log")
    if kind == "text/html":  # also that of a service below a path, before its network is loaded
        cure = "name HOST:PORT alone, or the path of a service with a slash at its end"
        raise SourceError(f"{place} answers with a page, which does not say whether a service is ready", cure)


def _answer(place: Place, seconds: float) -> tuple[int, str, bytes]:
    """Status, type and the beginning of the body. No proxy is asked, and no redirection followed."""
    connection = (
        http.client.HTTPSConnection(place.host, place.port, timeout=seconds, context=_trust(place.host))
        if place.is_secure
        else http.client.HTTPConnection(place.host, place.port, timeout=seconds)
    )
    try:
        connection.request("GET", place.path, headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.headers.get_content_type(), answer.read(MOST_BYTES)
    finally:
        connection.close()


def _trust(host: str) -> ssl.SSLContext:
    """Certificates are made out to names: on this machine itself none fits, and nothing secret is sent."""
    context = ssl.create_default_context()
    if is_loopback(host):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _detail(body: bytes) -> str:
    """What problem details (RFC 9457) say in one line; empty for another kind of answer."""
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    return " ".join(str(said.get("detail", "")).split()) if isinstance(said, dict) else ""
