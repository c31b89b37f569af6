from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from aioice import stun
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender

from streamdepth.webrtc import retransmission as handshake
from streamdepth.webrtc.retransmission import repeat_until_answered

CLIENT_HELLO, CERTIFICATE, MEDIA = b"\x16hello", b"\x16certificate", b"\x80picture"


class Line:
    """Stands in for the private parts of a sender's transport; what is sent is remembered."""

    def __init__(self):
        self.sent = []
        self.transactions = {}
        self.due = []
        self.protocol = SimpleNamespace(
            send_stun=lambda message, _address: self.sent.append(message),
            request=self._answered,
            transactions=self.transactions,
            transport=SimpleNamespace(sendto=lambda data, _address: self.sent.append(data)),
        )
        self.nominated = {1: SimpleNamespace(protocol=self.protocol, remote_addr=("192.0.2.1", 9))}
        connection = SimpleNamespace(_protocols=[self.protocol], _nominated=self.nominated)
        self.ice = SimpleNamespace(_send=self._send, _connection=connection)

    async def _send(self, data):
        self.sent.append(data)

    async def _answered(self, message, address):
        return message, address

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


PEER = ("192.0.2.1", 9)


def check(message_class=stun.Class.REQUEST):
    return stun.Message(message_method=stun.Method.BINDING, message_class=message_class)


def meet(line, address=PEER):
    """A check of the peer came, and is answered."""
    line.protocol.send_stun(check(stun.Class.RESPONSE), address)


def sent_by(line, act):
    """All that went out, once everything was due."""

    async def scenario():
        repeat_until_answered(line.transport)
        await act()
        line.repeats()

    asyncio.run(scenario())
    return line.sent


def send_check(line, address=PEER):
    """A check of ours, which waits for its answer."""
    request = check()
    line.transactions[request.transaction_id] = None
    line.protocol.send_stun(request, address)
    return request


def test_a_check_that_is_not_answered_goes_out_again_to_who_was_heard_of(line):
    async def act():
        meet(line)
        send_check(line)

    assert len(sent_by(line, act)) == 1 + 2


def test_also_where_that_comes_later(line):
    async def act():
        send_check(line)
        meet(line)

    assert len(sent_by(line, act)) == 1 + 2


def test_a_check_that_is_answered_does_not(line):
    async def act():
        meet(line)
        line.protocol.send_stun(check(), PEER)

    assert len(sent_by(line, act)) == 1 + 1


def test_who_is_never_heard_of_gets_few_checks(line):
    async def act():
        for _ in range(30):
            send_check(line)

    assert len(sent_by(line, act)) == handshake.MOST_TO_A_STRANGER


def test_many_of_whom_nothing_is_heard_get_few_together_and_do_not_starve_who_is(line):
    async def act():
        for number in range(200):
            send_check(line, ("192.0.2.2", number))
        meet(line)
        send_check(line)

    assert len(sent_by(line, act)) == handshake.MOST_TO_STRANGERS + 1 + 2


def test_who_asks_and_never_answers_may_be_somebody_else(line):
    async def act():
        meet(line)
        for _ in range(60):
            send_check(line)

    assert len(sent_by(line, act)) == 1 + handshake.MOST_UNANSWERED


def test_who_answers_may_be_asked_for_ever(line):
    async def act():
        await line.protocol.request(check(), PEER)
        for _ in range(60):
            line.protocol.send_stun(check(), PEER)

    assert len(sent_by(line, act)) == 60


@pytest.mark.parametrize(("asked", "waited"), [({"retransmissions": 0}, handshake.CONSENT_AGAIN), ({}, None)])
def test_consent_may_take_longer_than_half_a_second(line, asked, waited):
    seen = []

    async def request(message, address, **named):
        seen.append(named.get("retransmissions"))
        return message, address

    line.protocol.request = request

    async def act():
        await line.protocol.request(check(), PEER, **asked)

    sent_by(line, act)
    assert seen == [waited]


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
        repeat_until_answered(RTCRtpSender("video", SimpleNamespace(state="new")).transport)

    asyncio.run(scenario())


def test_the_installed_aiortc_has_the_names_that_this_stands_on():
    async def scenario():
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        sender = connection.addTransceiver("video", direction="sendonly").sender
        await connection.setLocalDescription(await connection.createOffer())
        before = sender.transport.transport._send
        repeat_until_answered(sender.transport)
        protocols = sender.transport.transport._connection._protocols
        changed = [protocol.send_stun.__qualname__ for protocol in protocols]
        after = sender.transport.transport._send
        await connection.close()
        return before != after, changed

    is_changed, checks = asyncio.run(scenario())
    assert is_changed
    assert all("_Checks" in name for name in checks)
