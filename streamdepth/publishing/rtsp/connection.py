"""Recording to an RTSP server over one TCP connection (RFC 2326, sections 10.3 and 10.11).

Not by FFmpeg's muxer: PyAV holds Python's lock while FFmpeg connects and says goodbye, so that a server that does not
answer would stop the whole program for that long.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import socket
import time
from collections.abc import Callable, Mapping

from streamdepth.errors import Trouble
from streamdepth.login import Login
from streamdepth.publishing.destinations import Destination
from streamdepth.publishing.rtsp.messages import Incoming, Reply
from streamdepth.publishing.rtsp.rtp import PAYLOAD_TYPE, ParameterSets, RtpSender
from streamdepth.publishing.sink import NotPublished, cannot_connect
from streamdepth.values import dataclass

CONNECT_PATIENCE = 2.0
"""Seconds; a host that comes back meanwhile is asked anew soon enough."""
ANSWER_PATIENCE = 5.0
SEND_PATIENCE = 5.0
"""Seconds in which a picture must have left; the server or the line hangs otherwise."""
GOODBYE_PATIENCE = 0.3
SEND_BUFFER = 256 * 1024
"""Bytes that may wait in the system, about a second: more would be pictures of long ago."""
REPORT_EVERY = 5.0
"""Seconds between two reports of the sender (RFC 3550, section 6.2)."""
USUAL_TIMEOUT = 60.0
"""Seconds after which a server may end a session from which it receives nothing (RFC 2326, section 12.37)."""
SESSION_NOT_FOUND = 454
AGENT = "streamdepth"
_REFUSALS = {
    401: (Trouble.AUTHENTICATION.value, "write both into the address, as in rtsp://USER:PASSWORD@HOST/PATH"),
    403: (Trouble.FORBIDDEN.value, "check the address and what this user may publish"),
    404: (Trouble.NOT_FOUND.value, "check the part of the address after the host"),
    405: ("the server takes no streams there", "check the address, and that the server lets clients publish"),
    461: ("the server does not take streams over TCP", "let it take RTP over RTSP (interleaved)"),
    501: ("the server takes no streams", "use one that lets clients publish, such as MediaMTX"),
}


@dataclass(frozen=True)
class Picture:
    """One encoded picture to be sent."""

    annex_b: bytes
    pts: int
    """Ticks of 1/90000 s."""
    captured_at: float
    """`time.monotonic()` seconds."""


class Recording:
    """A session in which a server takes what is sent; raises `NotPublished` for whatever ends it."""

    def __init__(self, destination: Destination, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Connect; nothing is asked of the server yet."""
        self._url = destination.url
        self._clock = clock
        self._login = (
            Login(destination.user, destination.password or "") if destination.user is not None else None
        )
        self._incoming = Incoming()
        self._number = 0
        self._session: str | None = None
        self._channel = 0
        self._rtp = RtpSender(
            ssrc=secrets.randbits(32), sequence=secrets.randbits(15), timestamp=secrets.randbits(32)
        )
        self._next_report = self._next_sign = float("-inf")
        self._sign_every = USUAL_TIMEOUT / 2
        self._socket = _connected(destination.host, destination.port)

    def begin(self, sets: ParameterSets) -> None:
        """Announce a stream that begins with these parameter sets, and start it."""
        self._ask("ANNOUNCE", self._url, {"Content-Type": "application/sdp"}, _description(sets))
        track = f"{self._url.rstrip('/')}/streamid=0"
        transport = "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record"
        reply = self._ask("SETUP", track, {"Transport": transport})
        self._take_session(reply)
        self._ask("RECORD", self._url, {"Range": "npt=0.000-"})
        self._next_sign = self._clock() + self._sign_every

    def send(self, picture: Picture) -> None:
        """Send one picture, with a report of the sender and a sign of life when they are due."""
        packets = self._rtp.packets(picture.annex_b, picture.pts)
        framed = [_framed(self._channel, packet) for packet in packets]
        now = self._clock()
        if now >= self._next_report:
            self._next_report = now + REPORT_EVERY
            wall_clock = time.time() - (time.monotonic() - picture.captured_at)
            framed.append(_framed(self._channel + 1, self._rtp.report(picture.pts, wall_clock)))
        if now >= self._next_sign:
            self._next_sign = now + self._sign_every
            framed.append(self._request("OPTIONS", self._url, {}, ""))
        self._put(b"".join(framed))

    def look(self) -> None:
        """Read what the server has sent meanwhile; never waits."""
        self._socket.setblocking(False)
        while True:
            try:
                data = self._socket.recv(65536)
            except BlockingIOError:
                return
            except OSError as error:
                raise _broken(error) from None
            if not data:
                raise NotPublished(Trouble.ENDED.value)
            for reply in self._incoming.feed(data):
                if reply.status == SESSION_NOT_FOUND:  # what else it answers concerns a sign of life alone
                    raise NotPublished(_said(reply))

    def abort(self) -> None:
        """Wake a thread that waits on the connection; from any thread."""
        with contextlib.suppress(OSError):  # it is closed already
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Say goodbye where there is a session, and close the connection."""
        with contextlib.suppress(OSError), self._socket:  # a server that is gone needs no goodbye
            if self._session is not None:
                self._socket.settimeout(GOODBYE_PATIENCE)
                self._socket.sendall(self._request("TEARDOWN", self._url, {}, ""))

    def _take_session(self, reply: Reply) -> None:
        session, *parameters = (word.strip() for word in reply.header("session").split(";"))
        self._session = session or None
        for word in parameters:
            if seconds := re.fullmatch(r"timeout=([0-9]{1,6})", word):
                self._sign_every = max(1.0, int(seconds[1]) / 2)
        if channels := re.search(r"interleaved=([0-9]{1,3})", reply.header("transport")):
            self._channel = min(int(channels[1]), 254)

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: str = "") -> Reply:
        """A request and its reply, with a login where one is asked for."""
        reply = self._exchange(method, url, headers, body)
        asked = reply.all_of("www-authenticate")
        if reply.status == 401 and self._login is not None and self._login.learn(asked):
            reply = self._exchange(method, url, headers, body)
        if reply.status != 200:
            reason, cure = _REFUSALS.get(reply.status, (_said(reply), "look into the server's log"))
            raise NotPublished(reason, cure)
        return reply

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        self._put(self._request(method, url, headers, body))
        give_up_at = self._clock() + ANSWER_PATIENCE
        try:
            while (left := give_up_at - self._clock()) > 0:
                self._socket.settimeout(left)
                data = self._socket.recv(65536)
                if not data:
                    raise NotPublished(Trouble.ENDED.value, "look into the server's log")
                for reply in self._incoming.feed(data):
                    return reply
        except OSError as error:
            raise _broken(error) from None
        raise NotPublished(Trouble.TIMEOUT.value, "check that it is an RTSP server that takes streams")

    def _request(self, method: str, url: str, headers: Mapping[str, str], body: str) -> bytes:
        self._number += 1
        own = {"CSeq": str(self._number), "User-Agent": AGENT}
        if self._session is not None:
            own["Session"] = self._session
        login = self._login.header(method, url) if self._login is not None else None
        if login is not None:
            own["Authorization"] = login
        if body:
            own["Content-Length"] = str(len(body))
        lines = [
            f"{method} {url} RTSP/1.0",
            *(f"{name}: {value}" for name, value in {**own, **headers}.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def _put(self, data: bytes) -> None:
        try:
            self._socket.settimeout(SEND_PATIENCE)
            self._socket.sendall(data)
        except OSError as error:
            raise _broken(error) from None


def _connected(host: str, port: int) -> socket.socket:
    try:
        connection = socket.create_connection((host, port), CONNECT_PATIENCE)
    except OSError as error:
        raise cannot_connect(error) from None
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _broken(error: OSError) -> NotPublished:
    if isinstance(error, TimeoutError):
        return NotPublished(Trouble.TIMEOUT.value)
    return NotPublished(Trouble.BROKE_OFF.value)


def _said(reply: Reply) -> str:
    """The status of a refusal in words; the server's own only as far as they are words."""
    return f"the server answered {reply.status} {re.sub('[^A-Za-z -]', '', reply.phrase)[:40]}".rstrip()


def _framed(channel: int, packet: bytes) -> bytes:
    """A packet between the messages of RTSP (RFC 2326, section 10.12)."""
    return b"$" + channel.to_bytes(1) + len(packet).to_bytes(2) + packet


def _description(sets: ParameterSets) -> str:
    """The session as SDP (RFC 8866)."""
    lines = (
        "v=0",
        f"o=- {secrets.randbits(31)} 1 IN IP4 127.0.0.1",
        "s=streamdepth",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} H264/90000",
        f"a=fmtp:{PAYLOAD_TYPE} {sets.fmtp}",
        "a=control:streamid=0",
    )
    return "\r\n".join(lines) + "\r\n"
