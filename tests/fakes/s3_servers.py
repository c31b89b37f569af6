"""A small S3 server (moto) in a process of its own, on a free port of this machine."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from depth_services import until
from redis_servers import answers, free_port

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
        until(lambda: answers(port))
        server = S3Server(process, f"http://127.0.0.1:{port}")
        server.ask("PUT", "films")
        yield server
    finally:
        process.kill()
        process.wait(10)
