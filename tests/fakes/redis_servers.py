"""A real Redis (apt install redis-server) on a free port of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import contextmanager

import pytest
from depth_services import PATIENT, until

REDIS = shutil.which("redis-server")
DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")
needs_redis = pytest.mark.skipif(
    REDIS is None, reason="redis-server is not installed (apt install redis-server)"
)


@contextmanager
def a_redis(folder, port, *more):
    """Its process; it is killed at the end."""
    command = [REDIS, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *more]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(port), PATIENT)
        yield process
    finally:
        process.kill()
        process.wait(10)


def with_tls(port, certificate, key, *, asks=False):
    """More words for one that speaks TLS alone, and `asks` its clients for a certificate or does not."""
    files = {"cert-file": certificate, "key-file": key, "ca-cert-file": certificate}
    words = [word for name, file in files.items() for word in (f"--tls-{name}", str(file))]
    return ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "yes" if asks else "no", *words]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
