from __future__ import annotations

import contextlib
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamdepth.publishing.rtsp.messages import LONGEST_HEAD, Incoming, Login, Reply
from streamdepth.publishing.sink import NotPublished

OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: abc;timeout=30\r\nContent-Length: 4\r\n\r\nbody"
PACKET = b"$\x01\x00\x03RTS"
REQUEST = b"GET_PARAMETER rtsp://h/x RTSP/1.0\r\nCSeq: 9\r\n\r\n"


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_replies_are_found_among_packets_and_requests_in_pieces_of_any_size(piece):
    stream, incoming = PACKET + OK + REQUEST + PACKET + OK, Incoming()
    pieces = [stream[at : at + piece] for at in range(0, len(stream), piece)]
    replies = [reply for part in pieces for reply in incoming.feed(part)]
    assert [reply.status for reply in replies] == [200, 200]
    assert replies[0].header("session") == "abc;timeout=30"


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-x\r\n\r\n",
        b"x" * (LONGEST_HEAD + 1),
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_is_no_rtsp_or_without_measure_is_refused(data):
    with pytest.raises(NotPublished):
        list(Incoming().feed(data))


def asked(*challenges):
    return Reply(401, "Unauthorized", tuple(("www-authenticate", value) for value in challenges))


def test_nothing_is_shown_before_it_is_asked_for():
    assert Login("me", "word").header("ANNOUNCE", "rtsp://h/x") is None


def test_basic():
    login = Login("me", "word")
    assert login.learn(asked('Basic realm="cam"'))
    assert login.header("ANNOUNCE", "rtsp://h/x") == "Basic bWU6d29yZA=="


def fields(header):
    return {
        name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)
    }


def test_digest_as_of_old():
    login = Login("me", "word")
    assert login.learn(asked('Basic realm="cam"', 'Digest realm="cam", nonce="n1", opaque="o"'))
    told = fields(login.header("ANNOUNCE", "rtsp://h/x"))
    who = hashlib.md5(b"me:cam:word").hexdigest()
    what = hashlib.md5(b"ANNOUNCE:rtsp://h/x").hexdigest()
    assert told["response"] == hashlib.md5(f"{who}:n1:{what}".encode()).hexdigest()
    assert (told["username"], told["uri"], told["opaque"]) == ("me", "rtsp://h/x", "o")
    assert "algorithm" not in told


@pytest.mark.parametrize(("name", "hashed"), [("MD5", hashlib.md5), ("SHA-256", hashlib.sha256)])
def test_digest_with_quality_of_protection_counts_its_requests(name, hashed):
    login = Login("me", "word")
    assert login.learn(asked(f'Digest realm="cam", nonce="n1", qop="auth-int,auth", algorithm={name}'))
    for count in ("00000001", "00000002"):
        told = fields(login.header("SETUP", "rtsp://h/x/0"))
        who = hashed(b"me:cam:word").hexdigest()
        what = hashed(b"SETUP:rtsp://h/x/0").hexdigest()
        both = f"{who}:n1:{count}:{told['cnonce']}:auth:{what}"
        assert told["response"] == hashed(both.encode()).hexdigest()
        assert (told["qop"], told["nc"], told["algorithm"]) == ("auth", count, name)


def test_what_is_not_known_here_is_not_answered():
    assert not Login("me", "word").learn(asked("Negotiate", 'Digest realm="x", nonce="y", algorithm=SHA-512'))


PIECES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [OK, PACKET, REQUEST, b"RTSP/1.0 ", b"\r\n", b"\r\n\r\n", b"$", b"Content-Length: ", b"9"]
    ),
)


@given(st.lists(PIECES, max_size=20))
def test_whatever_a_server_sends_is_understood_or_refused(pieces):
    incoming = Incoming()
    with contextlib.suppress(NotPublished):
        for piece in pieces:
            for reply in incoming.feed(piece):
                assert 0 <= reply.status <= 999


@given(
    st.lists(
        st.one_of(st.text(max_size=60), st.sampled_from(["Basic", 'Digest nonce="x', "Digest qop=auth"]))
    )
)
def test_whatever_a_server_asks_for_is_answered_or_not(challenges):
    login = Login("me", "word")
    if login.learn(asked(*challenges)):
        assert login.header("ANNOUNCE", "rtsp://h/x").split()[0] in ("Basic", "Digest")
