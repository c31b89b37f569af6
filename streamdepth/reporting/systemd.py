"""Messages to the service manager: ready, alive, ending.

The protocol is `sd_notify(3)` of systemd: datagrams of `NAME=value` lines to the socket that `NOTIFY_SOCKET` names.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

_YEARS = 10 * 365 * 24 * 3600 * 1_000_000
"""In microseconds."""


class ServiceManager:
    """systemd, where it started this process and listens; else nobody, and all calls do nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.beat_every = _watchdog_seconds(environ) / 2 if self._address else 0.0
        """Seconds between two signs of life; 0 where none are wanted."""

    def ready(self) -> None:
        """The run begins."""
        self._send("READY=1\nSTATUS=running")

    def waits(self) -> None:
        """What the run waits for comes in a week, perhaps: the time that a start may take is not for that."""
        self._send(f"EXTEND_TIMEOUT_USEC={_YEARS}\nSTATUS=starting: its source is waited for")

    def alive(self) -> None:
        """A sign of life, as the watchdog wants it."""
        self._send("WATCHDOG=1")

    def status(self, line: str) -> None:
        """What `systemctl status` shows."""
        self._send(f"STATUS={line}")

    def stopping(self) -> None:
        """The run ends."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        # A manager that does not listen any more is no reason to end a recording.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
            speaker.setblocking(False)
            speaker.sendto(message.encode(), address)


def _watchdog_seconds(environ: Mapping[str, str]) -> float:
    meant = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    microseconds = environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if meant and microseconds.isdecimal() else 0.0
