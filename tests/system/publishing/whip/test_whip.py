"""Publishing by WHIP to a real Janus: played back and stamped, killed and restarted; and to servers that are odd."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice

import pytest
from processor_waits import Promise
from publishers import are_of_now, leave, one_after_the_other, steady
from stamped_feed import PATIENCE, RATE

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import SourceInfo
from streamdepth.live.encoder import LiveEncoder
from streamdepth.publishing.destinations import Destination
from streamdepth.publishing.rtsp.publisher import RtspPublisher
from streamdepth.publishing.sink import Publishing
from streamdepth.publishing.whip.http import may_have_token
from streamdepth.publishing.whip.publisher import WhipPublisher
from streamdepth.webrtc.ice_server import IceServer

FORWARDED = {"protocol_whitelist": "file,udp,rtp"}
BACK_WITHIN = 5.0
"""Seconds from the server's return to the picture's, which are promised."""


@pytest.fixture
def publish(fed, told):
    """Starts a publisher to an address: `publish(address)`."""
    publishers = []

    def start(address, **options):
        destination = Destination.parse(address)
        publishers.append(WhipPublisher(destination, fed[0], told.standing(destination.name), **options))
        return publishers[-1]

    yield start
    Publishing(publishers).close()
    assert not any(publisher.is_running(PATIENCE) for publisher in publishers)
    assert all(publisher.failure is None for publisher in publishers)


def back(server):
    """What is promised of a server that has just returned."""
    return Promise(BACK_WITHIN, os.getpid(), server.janus.pid)


def is_connected(publisher):
    return lambda: publisher.standing.figures()["state"] == "connected"


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_what_is_published_is_played_back(whip_server, publish, fed, until, played, encoded, codec):
    server = whip_server(codec=codec, token="abc-def.123", keyframes=1)
    publisher = publish(server.address("abc-def.123"))
    until(is_connected(publisher))
    with played(server.description(), **FORWARDED) as pictures:
        stamps = steady(pictures, publisher.standing, fed[1])
    assert one_after_the_other(stamps, encoded) > 80
    (lane,) = fed[0].figures()
    assert lane.codec == codec.upper()
    assert lane.keyframes >= 3  # asked for by the server, once a second; unasked there is one in ten seconds
    assert publisher.standing.figures()["packets"] > 80


def test_at_the_end_the_session_is_deleted_and_the_token_is_only_in_headers(
    whip_server, publish, until, told
):
    server = whip_server(token="abc-def.123")
    publisher = publish(server.address("abc-def.123"))
    until(is_connected(publisher))
    Publishing([publisher]).close()
    until(lambda: [method for method, _, _ in server.requests] == ["POST", "DELETE"])
    assert {login for _, _, login in server.requests} == {"Bearer abc-def.123"}
    assert "abc-def" not in str(told.lines) + str(publisher.standing.figures()) + server.offers[0]
    until(lambda: publisher.standing.figures()["state"] == "ended")


def test_a_server_that_was_killed_has_the_picture_back_within_five_seconds(
    whip_server, publish, fed, until, stamp_of, played
):
    server = whip_server(keyframes=1)
    publisher = publish(server.address())
    until(is_connected(publisher))
    until(lambda: publisher.standing.figures()["packets"] > 150)
    server.janus.kill()
    server.janus.start()
    now = fed[1].number
    back(server).await_until(lambda: publisher.standing.figures()["reconnects"] == 1)
    with played(server.description(), **FORWARDED) as pictures:
        assert stamp_of(next(pictures)) >= now  # none of before


def test_a_server_that_is_away_for_longer_has_it_back_too(whip_server, publish, fed, until, told):
    server = whip_server()
    publisher = publish(server.address())
    until(is_connected(publisher))
    until(lambda: publisher.standing.figures()["packets"] > 150)
    server.janus.kill()
    until(lambda: "not ready" in str(publisher.standing.figures()["reason"]))
    until(lambda: fed[0].figures() == ())  # nothing is encoded for who is away, but while it is tried
    assert "fallen silent" in told.lines[1]
    server.janus.start()
    back(server).await_until(is_connected(publisher))


def test_all_servers_and_viewers_get_the_packets_of_one_encoder(
    whip_server, media_server, publish, fed, told, until, played
):
    encoder, feed = fed
    first, second = whip_server(keyframes=1), media_server.start()
    viewer = encoder.subscribe(VideoCodec.H264)
    by_whip = publish(first.address())
    destination = Destination.parse(second.address())
    by_rtsp = RtspPublisher(destination, encoder, told.standing(destination.name))
    until(is_connected(by_whip))
    until(is_connected(by_rtsp))
    until(viewer.take)
    with (
        played(first.description(), **FORWARDED) as one,
        played(second.address("watch"), rtsp_transport="tcp") as other,
    ):
        assert are_of_now(one, feed)
        assert are_of_now(other, feed)
    (lane,) = encoder.figures()
    assert (lane.codec, lane.viewers) == ("H264", 3)
    assert lane.pictures <= feed.number + 10  # once each, and some again as keyframes for who came later
    Publishing([by_rtsp]).close()
    viewer.close()


def test_another_size_goes_on_in_the_same_session(whip_server, publish, fed, until, stamped, played):
    server = whip_server(keyframes=1)
    publisher = publish(server.address())
    until(is_connected(publisher))
    fed[1].draw = lambda number: stamped(number, 640, 480)
    until(lambda: [lane.width for lane in fed[0].figures()] == [640])
    with played(server.description(), **FORWARDED) as pictures:
        assert any(picture.shape == (480, 640, 3) for picture in islice(pictures, 10 * RATE))
        assert are_of_now(pictures, fed[1])
    assert publisher.standing.figures()["reconnects"] == 0


@contextmanager
def answering(answer, *, certificate=None):
    """A web server: `answer(handler)` for every POST and DELETE."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.offer = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            answer(self)

        def do_DELETE(self):
            self.do_POST()

        def reply(self, status, body="", **headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(5)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "token"),
        (403, "access refused"),
        (404, "nothing at this address"),
        (409, "somebody else publishes there"),
        (500, "the server answered 500"),
        (200, "not a WHIP server"),
    ],
)
def test_a_refusal_is_told_in_words_with_a_cure(publish, until, told, status, says):
    with answering(lambda request: request.reply(status, "secret-in-body")) as port:
        publish(f"whip+http://hunter2@127.0.0.1:{port}/live/whip")
        until(lambda: told.lines)
    assert says in told.lines[0]
    assert told.lines[0].endswith(")")
    assert "hunter2" not in told.lines[0]
    assert "secret" not in told.lines[0]


def test_a_server_may_send_us_elsewhere_but_not_the_token_to_strangers(whip_server, publish, until):
    server, seen = whip_server(token="tok"), []
    real = server.address().removeprefix("whip+")
    with answering(lambda request: request.reply(307, Location=real)) as port:
        until(is_connected(publish(f"whip+http://tok@127.0.0.1:{port}/any")))
    assert server.requests[0][2] == "Bearer tok"

    def note(request):
        seen.append(request.headers["Authorization"])
        request.reply(404)

    with answering(note) as stranger:  # by another name, so another host
        place = f"http://localhost:{stranger}/x"
        with answering(lambda request: request.reply(308, Location=place)) as port:
            publish(f"whip+http://tok@127.0.0.1:{port}/any")
            until(lambda: seen)
    assert seen[0] is None


@pytest.mark.parametrize(
    ("elsewhere", "may"),
    [
        ("https://media.example:8889/other/path", True),
        ("https://other.example/room", False),
        ("https://media.example.other.example/room", False),
        ("http://media.example/room", False),
    ],
)
def test_the_token_goes_to_the_host_that_was_named_and_by_https_where_it_was(elsewhere, may):
    destination = Destination.parse("whip+https://tok@media.example/room")
    assert may_have_token(destination, elsewhere) == may


def test_a_server_that_hides_its_addresses_is_waited_for(whip_server, publish, until):
    server = whip_server()
    publish_there = server.publish

    def hide(offer):
        answer, session = publish_there(offer)
        hidden = re.sub(r"(a=candidate:\S+ \d udp \d+ )\S+", r"\g<1>4f0c9a6e-1d2b.local", answer)
        assert "a=end-of-candidates" in hidden
        return hidden, session

    server.publish = hide
    until(is_connected(publish(server.address())))


def test_a_server_that_sends_us_in_circles_is_given_up(publish, until, told):
    with answering(lambda request: request.reply(307, Location="/again")) as port:
        publish(f"whip+http://127.0.0.1:{port}/any")
        until(lambda: told.lines)
    assert "in circles" in told.lines[0]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-out", str(paths[0]), "-keyout", str(paths[1])]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    return paths


def test_by_https_the_certificate_must_be_one_that_is_trusted(publish, until, told, certificate, monkeypatch):
    seen = []

    def note(request):
        seen.append(request.headers["Authorization"])
        request.reply(404)

    with answering(note, certificate=certificate) as port:
        first = publish(f"whip+https://tok@localhost:{port}/x")
        until(lambda: told.lines)
        assert "no secure connection" in told.lines[0]
        assert "trusts" in told.lines[0]
        assert seen == []
        Publishing([first]).close()
        told.lines.clear()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        publish(f"whip+https://tok@localhost:{port}/x")
        until(lambda: told.lines)
    assert "nothing at this address" in told.lines[0]
    assert seen[0] == "Bearer tok"


BARE = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
VIDEO = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:96 H264/90000\r\na=recvonly\r\na=mid:0\r\n"
LINK = "a=ice-ufrag:abcd\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\n"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("v=0\r\nnonsense", "cannot be understood"),
        (BARE, "cannot be understood"),
        (BARE + VIDEO, "cannot be used"),  # no ICE, no DTLS
        (BARE + VIDEO + LINK, "cannot be used"),
        (BARE + VIDEO.replace("m=video 9", "m=video 0"), "does not take the codec"),
        (BARE + VIDEO.replace("H264", "AV1"), "does not take the codec"),
    ],
)
def test_an_answer_that_is_none_is_told_and_its_session_deleted(publish, until, told, answer, says):
    asked = []

    def reply(request):
        asked.append((request.command, request.path))
        request.reply(201, answer, Location="/r/1")

    with answering(reply) as port:
        publisher = publish(f"whip+http://127.0.0.1:{port}/x")
        until(lambda: told.lines)
        until(lambda: {*asked} == {("POST", "/x"), ("DELETE", "/r/1")})
        until(lambda: asked.count(("POST", "/x")) >= 2)  # and it goes on trying
    assert says in told.lines[0]
    assert publisher.failure is None


def test_who_takes_no_h264_is_offered_vp8(publish, until):
    offers = []

    def refuse(request):
        offers.append(request.offer)
        request.reply(406)

    with answering(refuse) as port:
        publish(f"whip+http://127.0.0.1:{port}/x")
        until(lambda: len(offers) >= 3)
    kinds = [set(re.findall(r"a=rtpmap:\d+ (\w+)/", offer)) for offer in offers[:3]]
    assert kinds == [{"H264", "rtx"}, {"VP8", "rtx"}, {"H264", "rtx"}]


def test_a_server_that_hangs_slows_nothing_and_is_left_at_the_end(publish, fed, until, told, monkeypatch):
    # It is waited for longer than any test lasts: who waits with its publisher is seen.
    monkeypatch.setattr("streamdepth.publishing.whip.http.POST_PATIENCE", 10 * PATIENCE)
    other = fed[0].subscribe(VideoCodec.H264)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        publisher = publish(f"whip+http://127.0.0.1:{silent.getsockname()[1]}/x")
        with silent.accept()[0]:
            for _ in range(60):
                until(other.take)
            assert told.lines == [], "it is still waited for"
            leave(publisher)
    other.close()


def test_a_stun_server_that_does_not_answer_delays_and_ends_nothing_else(publish, whip_server, until):
    server = whip_server()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        stun = IceServer.parse(f"stun:127.0.0.1:{silent.getsockname()[1]}")
        until(is_connected(publish(server.address(), ice_servers=[stun])))


def test_a_stun_server_that_there_is_not_is_told(publish, whip_server, until, told):
    server = whip_server()
    publisher = publish(server.address(), ice_servers=[IceServer.parse("stun:no-such-host.invalid:3478")])
    until(lambda: told.lines, 30)
    assert publisher.failure is None
    assert is_connected(publisher)() or "--ice-server" in told.lines[0]


def test_before_the_first_picture_no_server_is_asked(told):
    encoder = LiveEncoder(SourceInfo(64, 48, None, True, 1.0))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0.5)
        destination = Destination.parse(f"whip+http://127.0.0.1:{silent.getsockname()[1]}/x")
        publisher = WhipPublisher(destination, encoder, told.standing(destination.name))
        with pytest.raises(TimeoutError):
            silent.accept()
        Publishing([publisher]).close()
        assert not publisher.is_running(PATIENCE)
    encoder.close()
