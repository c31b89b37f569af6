"""The first datagrams of a connection, sent again until they are answered.

aioice waits half a second before it repeats a check (RFC 8445, section 14.3, names that for lines of which nothing is
known), OpenSSL a second before it repeats a flight of DTLS (RFC 6347, section 4.2.4.1). At a loss of ten percent every
third viewer would wait that long for the first picture. Repeating them sooner costs a few small datagrams; a receiver
ignores what it gets twice. All of it is by private names: where they are missing, viewers connect as without.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Address = tuple[str, int]
AGAIN_AFTER = (0.05, 0.12, 0.25, 0.4)
"""Seconds after which a datagram is repeated while it is not answered."""
DTLS_FIRST_BYTES = range(20, 64)
"""First bytes by which DTLS is recognised on a shared socket (RFC 7983)."""
COMPONENT = 1
"""Of ICE: RTP and RTCP share one."""
MOST_UNANSWERED = 20
"""Checks that an address gets which has sent some and answers none: its sender may be forged."""
MOST_TO_A_STRANGER = 4
"""Checks that an address of the offer gets from which nothing came: enough to open the way through a router of ours."""
MOST_TO_STRANGERS = 100
"""The same for all of them together: of so many pairs at most is a check list (RFC 8445, section 6.1.2.5)."""
CONSENT_AGAIN = 2
"""How often a question for consent is repeated: with 2 its answer may take 3.5 s. Six without one end a connection."""
SAME_FLIGHT = 0.01
"""Seconds within which datagrams belong to one flight; the next flight ends the repeating of the last."""


def repeat_until_answered(dtls: Any) -> None:
    """Repeat what `dtls` and the ICE below it send until they are connected, and bound its checks.

    To be called once candidates are gathered.
    """
    with suppress(AttributeError):  # another version of aiortc: slower where packets are lost, and no worse
        _repeat_handshake(dtls)
    bound_checks(dtls, repeated=True)


def bound_checks(dtls: Any, *, repeated: bool = False) -> None:
    """Send few checks to an address that never answers: an offer could name the addresses of others.

    `repeated` ones go out again while they are not answered.
    """
    checks = _Checks(repeated)
    with suppress(AttributeError):  # as above
        for protocol in dtls.transport._connection._protocols:
            checks.watch(protocol)


class _Checks:
    """The STUN requests of one connection, be they of its start or of consent (RFC 7675).

    As long as they are not answered, an address gets only so many. They are repeated only to an address that has
    sent one itself, signed, and until their transaction ends.
    """

    def __init__(self, repeated: bool) -> None:
        self._repeated = repeated
        self._answered: set[Address] = set()
        self._met: set[Address] = set()
        self._sent: Counter[Address] = Counter()
        self._sent_to_strangers = 0

    def watch(self, protocol: Any) -> None:
        """Have the requests that `protocol`, one of aioice's sockets, sends go by here."""
        send, request, pending = protocol.send_stun, protocol.request, protocol.transactions

        def ask(message: Any, address: Address) -> None:
            if self._may_ask(address):
                send(message, address)

        def ask_again(message: Any, address: Address) -> None:
            if message.transaction_id in pending and address in self._met | self._answered:
                ask(message, address)

        def sending(message: Any, address: Address) -> None:
            if message.message_class.name == "REQUEST":
                ask(message, address)
                if self._repeated:
                    _repeat(lambda: ask_again(message, address))
                return
            if message.message_class.name == "RESPONSE":  # to a request that knew our password
                self._met.add(address)
            send(message, address)

        async def requesting(message: Any, address: Address, *others: Any, **named: Any) -> Any:
            if (
                named.get("retransmissions") == 0
            ):  # of consent: half a second is too short where a side is busy
                named["retransmissions"] = CONSENT_AGAIN
            answer = await request(message, address, *others, **named)
            self._answered.add(address)
            return answer

        protocol.send_stun, protocol.request = sending, requesting

    def _may_ask(self, address: Address) -> bool:
        if address in self._answered:
            return True
        self._sent[address] += 1
        if address in self._met:
            return self._sent[address] <= MOST_UNANSWERED
        self._sent_to_strangers += 1
        return self._sent[address] <= MOST_TO_A_STRANGER and self._sent_to_strangers <= MOST_TO_STRANGERS


def _repeat_handshake(dtls: Any) -> None:
    """Have each flight of the handshake repeated until the next one; it is unknown whether the last one arrived."""
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
        elif data[0] in DTLS_FIRST_BYTES:
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
