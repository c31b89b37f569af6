from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamdepth.publishing.rtsp.messages import LONGEST_HEAD, Incoming
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
