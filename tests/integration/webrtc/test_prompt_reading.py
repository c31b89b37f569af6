from __future__ import annotations

import asyncio
import socket
from types import SimpleNamespace

from aiortc import RTCConfiguration, RTCPeerConnection

from streamdepth.webrtc.prompt_reading import MOST_AT_ONCE, read_promptly


class Taking(asyncio.DatagramProtocol):
    """Remembers what came, and what had come when the loop went on after the first."""

    def __init__(self):
        self.taken, self.in_first_turn = [], None

    def datagram_received(self, data, addr):
        if not self.taken:
            asyncio.get_running_loop().call_soon(lambda: setattr(self, "in_first_turn", len(self.taken)))
        self.taken.append(data)


def below(protocol, state="connected"):
    """A DTLS transport whose ICE has one socket."""
    connection = SimpleNamespace(_protocols=[protocol])
    return SimpleNamespace(state=state, transport=SimpleNamespace(_connection=connection))


async def taken(count, state="connected"):
    """The protocol, once it has had all of so many datagrams that waited before the loop looked."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(Taking, local_addr=("127.0.0.1", 0))
    protocol.transport = transport
    read_promptly(below(protocol, state))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(count):
            sender.sendto(b"%d" % number, transport.get_extra_info("sockname"))
    try:
        async with asyncio.timeout(20):
            while len(protocol.taken) < count:
                await asyncio.sleep(0)
    finally:
        transport.close()
    return protocol


def test_what_waits_in_a_socket_is_taken_in_one_turn_and_in_order():
    protocol = asyncio.run(taken(50))
    assert protocol.in_first_turn == 50
    assert protocol.taken == [b"%d" % number for number in range(50)]


def test_the_other_sockets_have_their_turn_after_some():
    protocol = asyncio.run(taken(MOST_AT_ONCE + 20))
    assert protocol.in_first_turn == MOST_AT_ONCE
    assert len(protocol.taken) == MOST_AT_ONCE + 20


def test_before_the_line_is_connected_a_turn_takes_one():
    protocol = asyncio.run(taken(50, "connecting"))
    assert protocol.in_first_turn == 1
    assert len(protocol.taken) == 50


def test_what_comes_may_have_closed_the_socket():
    async def scenario():
        protocol = await taken(1)
        await asyncio.sleep(0)
        assert protocol.transport.get_extra_info("socket").fileno() == -1
        protocol.datagram_received(b"late", ("192.0.2.1", 9))
        return protocol.taken

    assert asyncio.run(scenario()) == [b"0", b"late"]


def test_a_relayed_address_and_parts_that_are_not_there_are_left_as_they_are():
    relay = SimpleNamespace(get_extra_info=lambda _name: None)
    relayed = SimpleNamespace(transport=relay, datagram_received=print)
    read_promptly(below(relayed))
    assert relayed.datagram_received is print
    read_promptly(SimpleNamespace(state="new"))


def test_the_installed_aiortc_has_the_names_that_this_stands_on():
    async def scenario():
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        sender = connection.addTransceiver("video", direction="sendonly").sender
        await connection.setLocalDescription(await connection.createOffer())
        read_promptly(sender.transport)
        protocols = sender.transport.transport._connection._protocols
        changed = ["_take_all" in protocol.datagram_received.__qualname__ for protocol in protocols]
        await connection.close()
        return changed

    changed = asyncio.run(scenario())
    assert changed
    assert all(changed)
