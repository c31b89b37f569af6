"""A small S3 server (moto) in a process of its own, on a free port of this machine."""

from __future__ import annotations

import socket
import socketserver
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from select import select
from threading import Event, Thread
from urllib.parse import urlsplit

from depth_services import PATIENT, until
from ports import free_port
from redis_servers import answers

_BEGIN = "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])"
SECRET = "wJalrXUtnFEMI0K7MDENG0bPxRfiCYEXAMPLEKEY"


@dataclass(frozen=True)
class S3Server:
    """One with a bucket `films`."""

    process: subprocess.Popen[bytes]
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What leads there, as users write it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": "/nowhere",
            "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        }

    def ask(self, method: str, path: str, data: bytes | None = None) -> str:
        """Something without a key."""
        plain = {"Content-Type": "text/plain"}
        request = urllib.request.Request(f"{self.url}/{path}", data, plain, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return str(answer.read().decode())

    def names(self) -> list[str]:
        """All that lies in the bucket."""
        return [part.split("<")[0] for part in self.ask("GET", "films").split("<Key>")[1:]]

    def let_nobody_in(self, *, after: int) -> None:
        """So many requests are answered, and then those of known keys alone, of which there are none."""
        self.ask("POST", "moto-api/reset-auth", str(after).encode())


@contextmanager
def an_s3() -> Iterator[S3Server]:
    """It is killed at the end."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _BEGIN, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: answers(port), PATIENT)
        server = S3Server(process, f"http://127.0.0.1:{port}")
        server.ask("PUT", "films")
        yield server
    finally:
        process.kill()
        process.wait(10)


class _Through(socketserver.BaseRequestHandler):
    server: _Door

    def handle(self) -> None:
        with suppress(OSError), socket.create_connection(self.server.behind, 10) as there:
            ends = {self.request: there, there: self.request}
            while not self.server.is_shut.is_set():
                for end in select([*ends], [], [], 0.05)[0]:
                    if not (data := end.recv(1 << 16)):
                        return
                    ends[end].sendall(data)


class _Door(socketserver.ThreadingTCPServer):
    def __init__(self, behind: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Through)
        self.behind = behind
        self.is_shut = Event()


@contextmanager
def a_mortal(server: S3Server) -> Iterator[tuple[S3Server, Callable[[], None]]]:
    """One that can be killed for its clients alone, and what kills it: connections break, and nobody listens."""
    place = urlsplit(server.url)
    door = _Door((str(place.hostname), place.port or 0))
    thread = Thread(target=door.serve_forever, args=(0.05,))
    thread.start()

    def kill() -> None:
        door.is_shut.set()
        door.shutdown()
        door.server_close()

    try:
        yield replace(server, url=f"http://127.0.0.1:{door.server_address[1]}"), kill
    finally:
        kill()
        thread.join(10)
