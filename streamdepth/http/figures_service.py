"""`--metrics HOST:PORT`: the figures of a run for Prometheus, where there is no page that has them."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from streamdepth.errors import SinkError, UsageError
from streamdepth.frames import Rendered
from streamdepth.http.listening import check_port, listen
from streamdepth.http.live_figures import TYPE
from streamdepth.threads.worker import Flag, Worker

logger = logging.getLogger(__name__)

PATH = "/metrics"
LOOK_EVERY = 0.2
PATIENCE = 2.0
"""Seconds per request: they are answered one after the other."""
_PLACE = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:]+)\]|(?P<host>[^:\[\]]*)):(?P<port>\d{1,5})")


def read_place(text: str) -> tuple[str, int]:
    """`HOST:PORT`, or `:PORT` for this machine alone; raises `UsageError`."""
    match = _PLACE.fullmatch(text)
    if match is None:
        raise UsageError(f"{text[:80]!r} is not an address to listen on", "write it as 127.0.0.1:9100")
    port = int(match["port"])
    check_port(port)
    return match["six"] or match["host"] or "127.0.0.1", port


class FiguresService:
    """A sink that shows `text()` at `place`, from its making on; frames are nothing to it.

    Raises `UsageError` for what is no place, and `SinkError` where it cannot listen.
    """

    def __init__(self, place: str, text: Callable[[], str]) -> None:
        host, port = read_place(place)
        try:
            self._server = _server(listen(host, port), text)
        except SinkError as error:
            raise SinkError(error.what, "name another place for --metrics") from error
        self.port = self._server.server_address[1]
        self._ending = Flag()
        self._worker = Worker("figures", self._serve, on_error=lambda _error: None).start()

    def write(self, rendered: Rendered) -> None:
        """Nothing is written; raises what ended the thread, which is a fault of this program."""
        if self._worker.error is not None:
            raise self._worker.error

    def close(self, *, complete: bool = True) -> None:
        """Listen no more."""
        self._ending.set()
        self._worker.join(LOOK_EVERY + 2 * PATIENCE)
        self._server.server_close()

    def _serve(self) -> None:
        while not self._ending.is_set():
            self._server.handle_request()


def _answer(path: str, text: Callable[[], str]) -> tuple[int, str, bytes]:
    """Status, media type and body."""
    if path.partition("?")[0] != PATH:
        return 404, "text/plain", b"there is /metrics\n"
    try:
        return 200, TYPE, text().encode()
    except Exception:  # a fault of this program, for which no run ends
        logger.exception("the figures cannot be collected")
        return 500, "text/plain", b"the figures cannot be collected (the log says why)\n"


def _server(listener: socket.socket, text: Callable[[], str]) -> HTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def do_GET(self) -> None:
            status, kind, body = _answer(self.path, text)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # the client has left
                self.wfile.write(body)

        def log_message(self, format: str, *words: Any) -> None:
            pass

    class Server(HTTPServer):
        timeout = LOOK_EVERY

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # the client has left, or sends too slowly

    server = Server(listener.getsockname()[:2], Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_address = listener.getsockname()
    server.server_activate()
    return server
