"""The sockets of a peer connection, read until nothing waits in them.

asyncio takes one datagram from a socket in each turn of its loop. Where a turn is long (a busy machine, many viewers,
reports of much that was lost), a socket fills faster than that empties it, and what is asked in it is answered after
the seconds that all before it takes. The other side then takes this one for gone: six unanswered questions for consent
(RFC 7675) end a connection. By a private name: where it is missing, sockets are read as asyncio does.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

MOST_AT_ONCE = 64
"""Datagrams of one socket after which the other sockets have their turn."""
MOST_BYTES = 65536


def read_promptly(dtls: Any) -> None:
    """Have each turn of the loop take all that waits in the sockets of the ICE below `dtls`.

    To be called once candidates are gathered.
    """
    with suppress(AttributeError):  # another version of aiortc or asyncio: slower where a side is busy
        for protocol in dtls.transport._connection._protocols:
            _take_all(protocol, dtls)


def _take_all(protocol: Any, dtls: Any) -> None:
    """Have a datagram that `protocol` gets followed at once by those that came behind it, once `dtls` is connected.

    Not before: where the first checks of ICE were taken so, Firefox came twice and held two places.
    """
    socket, take = protocol.transport.get_extra_info("socket"), protocol.datagram_received
    if socket is None:  # a relay's: it comes by the socket to its TURN server
        return
    receive = socket._sock.recvfrom  # asyncio's own is for looking at only

    def taking(data: bytes, address: tuple[Any, ...]) -> None:
        take(data, address)
        for _ in range(MOST_AT_ONCE - 1 if dtls.state == "connected" else 0):
            try:
                data, address = receive(MOST_BYTES)
            except OSError:  # nothing waits, or it was closed by what came; asyncio meets all else itself
                return
            take(data, address)

    protocol.datagram_received = taking
