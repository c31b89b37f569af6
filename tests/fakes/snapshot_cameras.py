"""Cameras that give single pictures over HTTP: real servers, which count what they are asked."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

import cv2
import numpy as np

DIGEST = 'Digest realm="cam", nonce="{nonce}", qop="auth", algorithm={hashed}'
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def jpeg(seed: int, size: tuple[int, int] = (64, 48)) -> bytes:
    """A JPEG of noise, which differs with `seed`."""
    image = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


class SnapshotCamera(ThreadingHTTPServer):
    """Answers each GET by `answer(number of requests before)`: a status, headers and a body."""

    daemon_threads = True

    def __init__(self, place: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        super().__init__(place, _Handler)
        self.answer: Callable[[int], tuple[int, Mapping[str, str], bytes]] = lambda n: (200, {}, jpeg(n))
        self.login: tuple[str, str] | None = None
        """User and password, which are asked for by Digest."""
        self.hashed = "MD5"
        """With which hash."""
        self.nonce = "n0"
        self.scheme = "http"
        self.requests: list[tuple[str, dict[str, str]]] = []
        """Path and headers of each."""
        self.connections = 0
        self.open: set[socket.socket] = set()

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}/snapshot.cgi?channel=1"

    def polls(self) -> list[dict[str, str]]:
        """Headers of the requests that are not FFmpeg's."""
        return [headers for _, headers in self.requests if headers.get("User-Agent") == "streamdepth"]

    def knows(self, method: str, path: str, header: str) -> bool:
        """Whether an `Authorization` is right (RFC 7616)."""
        assert self.login is not None
        told = {name: quoted or bare for name, quoted, bare in _FIELD.findall(header)}
        who = self._hash(f"{self.login[0]}:cam:{self.login[1]}")
        said = ":".join(told.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
        wanted = self._hash(f"{who}:{said}:{self._hash(f'{method}:{path}')}")
        return (told.get("response"), told.get("nonce"), told.get("uri")) == (wanted, self.nonce, path)

    def _hash(self, text: str) -> str:
        return _HASHES[self.hashed](text.encode()).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SnapshotCamera

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        camera = self.server
        number = len(camera.polls())
        camera.requests.append((self.path, dict(self.headers)))
        if camera.login and not camera.knows("GET", self.path, self.headers.get("Authorization", "")):
            self._send(
                401,
                {"WWW-Authenticate": DIGEST.format(nonce=camera.nonce, hashed=camera.hashed)},
                b"who are you?",
            )
        else:
            self._send(*camera.answer(number))

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if headers.get("Connection") != "close":
            self.send_header("Content-Length", str(len(body)))
        with suppress(ConnectionError):  # who asked wanted less
            self.end_headers()
            self.wfile.write(body)


@contextmanager
def snapshot_camera(
    place: tuple[str, int] = ("127.0.0.1", 0), *, context: SSLContext | None = None
) -> Iterator[SnapshotCamera]:
    """One that is on, and off afterwards; with a `context` it speaks HTTPS."""
    with SnapshotCamera(place) as camera:
        if context is not None:
            camera.scheme = "https"
            camera.socket = context.wrap_socket(camera.socket, server_side=True)
        thread = threading.Thread(target=camera.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield camera
        finally:
            camera.shutdown()
            thread.join()
            for connection in camera.open.copy():
                with suppress(OSError):  # it is over anyway
                    connection.shutdown(socket.SHUT_RDWR)
