from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from aioice import stun
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender

from streamdepth.service import handshake
from streamdepth.service.handshake import insist

CLIENT_HELLO, CERTIFICATE, MEDIA = b"\x16hello", b"\x16certificate", b"\x80picture"


class Line:
    """Stands in for the private parts of a sender's transport; what is sent is remembered."""

    def __init__(self):
        self.sent = []
        self.transactions = {}
        self.due = []
        self.protocol = SimpleNamespace(
            send_stun=lambda message, _address: self.sent.append(message),
            transactions=self.transactions,
            transport=SimpleNamespace(sendto=lambda data, _address: self.sent.append(data)),
        )
        self.nominated = {1: SimpleNamespace(protocol=self.protocol, remote_addr=("192.0.2.1", 9))}
        connection = SimpleNamespace(_protocols=[self.protocol], _nominated=self.nominated)
        self.ice = SimpleNamespace(_send=self._send, _connection=connection)

    async def _send(self, data):
        self.sent.append(data)

    def repeats(self):
        due, self.due[:] = list(self.due), []
        for call in due:
            call()


@pytest.fixture
def line(monkeypatch):
    """A line on which the moment to repeat comes when the test says so, and each datagram is a flight."""
    line = Line()
    line.transport = SimpleNamespace(transport=line.ice, _write_ssl=None, state="connecting")
    monkeypatch.setattr(handshake, "SAME_FLIGHT", -1.0)
    monkeypatch.setattr(handshake, "_repeat", line.due.append)
    return line


def check():
    return stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)


def sent_by(line, act):
    """All that went out, once everything was due."""

    async def scenario():
        insist(SimpleNamespace(transport=line.transport))
        await act()
        line.repeats()

    asyncio.run(scenario())
    return line.sent


def test_a_check_that_is_not_answered_goes_out_again(line):
    request = check()

    async def act():
        line.transactions[request.transaction_id] = None
        line.protocol.send_stun(request, ("192.0.2.1", 9))

    assert sent_by(line, act) == [request] * 2


def test_a_check_that_is_answered_does_not(line):
    async def act():
        line.protocol.send_stun(check(), ("192.0.2.1", 9))

    assert len(sent_by(line, act)) == 1


def test_a_flight_goes_out_again_until_the_next(line):
    async def act():
        await line.ice._send(CLIENT_HELLO)
        line.repeats()
        await line.ice._send(CERTIFICATE)

    assert sent_by(line, act) == [CLIENT_HELLO] * 2 + [CERTIFICATE] * 2


def test_the_last_flight_also_after_the_handshake_but_no_picture(line):
    async def act():
        await line.ice._send(CERTIFICATE)
        await line.ice._send(MEDIA)
        line.transport.state = "connected"

    assert sent_by(line, act) == [CERTIFICATE, MEDIA, CERTIFICATE]


def test_once_it_is_connected_pictures_go_straight(line):
    straight = line.ice._send

    async def act():
        line.transport.state = "connected"
        await line.ice._send(MEDIA)

    assert sent_by(line, act) == [MEDIA]
    assert line.ice._send == straight


def test_nothing_follows_once_the_line_is_closed(line):
    async def act():
        await line.ice._send(CERTIFICATE)
        line.nominated.clear()

    assert sent_by(line, act) == [CERTIFICATE]


def test_it_repeats_by_the_clock(monkeypatch):
    monkeypatch.setattr(handshake, "AGAIN_AFTER", (0.0, 0.01))

    async def scenario():
        calls, done = [], asyncio.Event()
        handshake._repeat(lambda: (calls.append(None), len(calls) == 2 and done.set()))
        await asyncio.wait_for(done.wait(), 10)

    asyncio.run(scenario())


def test_a_sender_without_the_private_names_is_left_as_it_is():
    async def scenario():
        insist(RTCRtpSender("video", SimpleNamespace(state="new")))

    asyncio.run(scenario())


def test_the_installed_aiortc_has_the_names_that_this_stands_on():
    async def scenario():
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        sender = connection.addTransceiver("video", direction="sendonly").sender
        await connection.setLocalDescription(await connection.createOffer())
        before = sender.transport.transport._send
        insist(sender)
        protocols = sender.transport.transport._connection._protocols
        changed = [protocol.send_stun.__qualname__ for protocol in protocols]
        after = sender.transport.transport._send
        await connection.close()
        return before != after, changed

    is_changed, checks = asyncio.run(scenario())
    assert is_changed
    assert all("_insist_on_checks" in name for name in checks)
