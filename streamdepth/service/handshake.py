"""The first datagrams of a connection, sent again until they are answered.

aioice waits half a second before it repeats a check (RFC 8445, section 14.3, names that for lines of which nothing is
known), OpenSSL a second before it repeats a flight of DTLS (RFC 6347, section 4.2.4.1). At a loss of ten percent every
third viewer would wait that long for the first picture. Repeating them sooner costs a few small datagrams; who gets one
twice ignores the second. All of it is by private names: where they are missing, viewers connect as without.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiortc import RTCRtpSender

AGAIN_AFTER = (0.05, 0.12, 0.25, 0.4)
"""Seconds after which a datagram is repeated while it is not answered."""
DTLS_FIRST_OCTETS = range(20, 64)
"""By which DTLS is told from what else the socket carries (RFC 7983)."""
COMPONENT = 1
"""Of ICE: RTP and RTCP share one."""
SAME_FLIGHT = 0.01
"""Seconds within which datagrams belong to one flight; the next flight ends the repeating of the last."""


def insist(sender: RTCRtpSender) -> None:
    """Repeat what the transport of `sender` sends until it is connected; call once candidates are gathered."""
    dtls: Any = sender.transport
    try:
        _insist_on_dtls(dtls)
        for protocol in dtls.transport._connection._protocols:
            _insist_on_checks(protocol)
    except AttributeError:
        return  # another version of aiortc: slower where packets are lost, and no worse


def _insist_on_checks(protocol: Any) -> None:
    """Have a STUN request repeated until its transaction ends, be it of the start or of consent (RFC 7675)."""
    send, pending = protocol.send_stun, protocol.transactions

    def send_again(message: Any, address: tuple[str, int]) -> None:
        if message.transaction_id in pending:
            send(message, address)

    def sending(message: Any, address: tuple[str, int]) -> None:
        send(message, address)
        if message.message_class.name == "REQUEST":
            _repeat(lambda: send_again(message, address))

    protocol.send_stun = sending


def _insist_on_dtls(dtls: Any) -> None:
    """Have each flight of the handshake repeated until the next one; nothing tells whether the last one came."""
    ice, send, nominated = dtls.transport, dtls.transport._send, dtls.transport._connection._nominated
    loop = asyncio.get_running_loop()
    flight = _Flight()

    def send_again(data: bytes, began: float) -> None:
        pair = nominated.get(COMPONENT)  # none once the connection is closed
        if pair is not None and flight.began == began and dtls.state in ("connecting", "connected"):
            pair.protocol.transport.sendto(data, pair.remote_addr)

    async def sending(data: bytes) -> None:
        await send(data)
        if dtls.state == "connected":
            ice._send = send  # from here on pictures go straight
        elif data[0] in DTLS_FIRST_OCTETS:
            began = flight.belongs(loop.time())
            _repeat(lambda: send_again(data, began))

    _ = dtls.state, dtls._write_ssl  # what all this stands on
    ice._send = sending


class _Flight:
    """The datagrams of DTLS that were sent last."""

    def __init__(self) -> None:
        self.began = float("-inf")

    def belongs(self, now: float) -> float:
        """When the flight began to which a datagram sent `now` belongs."""
        if now - self.began > SAME_FLIGHT:
            self.began = now
        return self.began


def _repeat(call: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for seconds in AGAIN_AFTER:
        loop.call_later(seconds, call)
