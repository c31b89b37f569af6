"""Networks of their own, for who runs as root: two that are joined by a line, and the way into one of them."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

ADDRESSES = ("198.51.100.1", "198.51.100.2")  # RFC 5737: nobody's


def skip_unless_possible(*tools):
    """Skips where there can be no such networks."""
    needed = ("ip", *tools)
    missing = [tool for tool in needed if shutil.which(tool) is None]
    if missing or os.getuid() != 0:
        pytest.skip(f"needs root and {', '.join(missing or needed)}")


def run(*command, **more):
    """What a command that must succeed says."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=20, **more).stdout


@contextmanager
def network(name):
    """One in which this machine can reach itself and nobody else; gives its name, which is unique."""
    name = f"sd-{name}-{os.getpid()}"
    run("ip", "netns", "add", name)
    try:
        run("ip", "-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        run("ip", "netns", "del", name)


@contextmanager
def joined(*ends):
    """Two networks, which have `ADDRESSES` at the ends of a `line`; gives their names."""
    with ExitStack() as stack:
        names = [stack.enter_context(network(end)) for end in ends]
        here, there = names
        run(
            *("ip", "link", "add", "line", "netns", here, "type", "veth"),
            *("peer", "name", "line", "netns", there),
        )
        for name, address, other in zip(names, ADDRESSES, reversed(ADDRESSES), strict=True):
            # An address of IPv6 becomes valid a second or two later, and Chromium gives up on what it loads then.
            run("ip", "-n", name, "link", "set", "line", "addrgenmode", "none")
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "line")
            run("ip", "-n", name, "link", "set", "line", "up")
            run("ip", "-n", name, "route", "add", "default", "via", other)
        yield names


@contextmanager
def inside(name):
    """This thread, and the programs that it starts, are in a network."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open("rb") as before, Path(f"/run/netns/{name}").open("rb") as new:
        _enter(libc, new)
        try:
            yield
        finally:
            _enter(libc, before)


def _enter(libc, namespace):
    if libc.setns(namespace.fileno(), 0) != 0:
        raise OSError(ctypes.get_errno(), "the network cannot be entered")
