"""Where a service listens, and what a person opens in a browser."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import quote

from streamdepth.errors import SinkError, UsageError

_CURES: Mapping[int, str] = {
    errno.EADDRNOTAVAIL: "name an address of this machine with --host; 0.0.0.0 is all of them",
    errno.EACCES: "ports below 1024 are for the system: name another with --port",
}


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(_bare(host)).is_loopback
    except ValueError:
        return False


def _bare(host: str) -> str:
    """Without the brackets that an address of IPv6 has in a URL."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def check_host(host: str) -> None:
    """Raise `UsageError` for an empty name, which a socket takes for all addresses of this machine."""
    if not host.strip():
        raise UsageError("--host is empty", "name an address of this machine, or leave it out")


def check_port(port: int) -> None:
    """Raise `UsageError` for a number that is no port; 0 takes any that is free."""
    if not 0 <= port <= 65535:
        raise UsageError(f"there is no port {port}", "give one from 1024 to 65535")


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound where a service shall listen; raises `SinkError` where it cannot be."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            _bare(host), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family)
    except OSError as error:
        raise SinkError(f"cannot listen on {host}: {error.strerror}", "name another --host") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from error
    return listener


def take_connections(listener: socket.socket, backlog: int) -> None:
    """From now on clients reach it; raises `SinkError` where another one that was bound there was faster."""
    try:
        listener.listen(backlog)
    except OSError as error:
        host, port = listener.getsockname()[:2]
        raise _refused(host, port, error) from error


def _refused(host: str, port: int, error: OSError) -> SinkError:
    cure = _CURES.get(error.errno or 0, "stop what uses the port, or name another with --port")
    return SinkError(f"cannot listen on {host} port {port}: {error.strerror}", cure)


def address(listener: socket.socket, scheme: str = "http", token: str | None = None) -> str:
    """What a person opens in a browser; the token is in the part that no browser sends."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = _own_address(listener.family)
    shown = f"[{host}]" if ":" in host else host
    fragment = f"#token={quote(token, safe='')}" if token else ""
    return f"{scheme}://{shown}:{port}/{fragment}"


def _own_address(family: socket.AddressFamily) -> str:
    """This machine's address towards the network; nothing is sent to find it."""
    outside = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((outside, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "localhost"
