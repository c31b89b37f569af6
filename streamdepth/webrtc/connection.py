"""Peer connections with the STUN and TURN servers of a run: how they begin, grow and end."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Iterable
from typing import Any

from aiortc import (
    InvalidStateError,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)

from streamdepth.errors import StreamdepthError
from streamdepth.http.refusal import Refused
from streamdepth.webrtc.ice_server import IceServer
from streamdepth.webrtc.sdp import MOST_CANDIDATES, Trickle

logger = logging.getLogger(__name__)


def new_connection(servers: Iterable[IceServer] = ()) -> RTCPeerConnection:
    """One that asks these servers and no others: of its own, aiortc would ask a public one."""
    found = [
        RTCIceServer(server.url, server.username or None, server.credential or None) for server in servers
    ]
    return RTCPeerConnection(RTCConfiguration(iceServers=found))


class AddressesHidden(StreamdepthError, OSError):
    """The system does not name the addresses of this machine, without which no connection begins."""


async def describe(connection: RTCPeerConnection, description: RTCSessionDescription) -> None:
    """Make it the local description, with every candidate in it; raises `AddressesHidden`, and what aiortc does."""
    try:
        await connection.setLocalDescription(description)
    except ConnectionError:  # it was closed meanwhile
        raise
    except OSError as error:  # servers for ICE that fail are passed over by aioice
        raise AddressesHidden(
            f"the addresses of this machine cannot be listed: {error.strerror or error}",
            "under systemd, RestrictAddressFamilies needs AF_NETLINK",
        ) from error


class LaterCandidates:
    """The candidates of the other side that it found after its offer; not more than an offer may have."""

    def __init__(self, connection: RTCPeerConnection) -> None:
        self._connection = connection
        self._left = MOST_CANDIDATES

    async def add(self, trickle: Trickle) -> None:
        """Try them; raises `Refused` with 400 where they are too many in all."""
        self._left -= len(trickle.candidates)
        if self._left < 0:
            raise Refused(400, "the session has too many candidates")
        for candidate in trickle.candidates:
            await self._connection.addIceCandidate(candidate)


def expect_closed_connections(loop: asyncio.AbstractEventLoop) -> None:
    """Leave no traceback on `loop` where a connection is closed while it begins.

    aiortc does much in tasks that nothing awaits; each may find its connection closed, and says so by an error that
    asyncio then prints. All other errors are reported as usual.
    """
    loop.set_exception_handler(_report_unless_closed)


def _report_unless_closed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if isinstance(error, (ConnectionError, InvalidStateError)) and _raised_in(error).startswith(
        ("aiortc.", "aioice.")
    ):
        logger.debug("a connection was closed while it began", exc_info=error)
    else:
        loop.default_exception_handler(context)


def _raised_in(error: BaseException) -> str:
    """The name of the module."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return str(frames[-1].f_globals.get("__name__", "")) if frames else ""
