"""Requests out of bytes: what is read, and all that is refused because nobody knows where it ends."""

from __future__ import annotations

import pytest

from streamdepth.http.refusal import Refused
from streamdepth.http.request_reader import MOST_HEAD, RequestReader

GET = b"GET /a?b=c HTTP/1.1\r\nHost: here\r\n"
POST = b"POST / HTTP/1.1\r\nHost: here\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"


def read(data, step=None):
    """(method, body) of each request, as far as they go, when they come `step` bytes at a time."""
    reader, found = RequestReader(), []
    for place in range(0, len(data), step or len(data)):
        reader.feed(data[place : place + (step or len(data))])
        while not reader.is_last:
            if reader.is_at_end:
                head = reader.head()
                if head is None:
                    break
                found.append((head.method, b""))
            found[-1] = found[-1][0], found[-1][1] + reader.body()
            if not reader.is_at_end:
                break
    return found


READ = {
    "no body": (GET + b"\r\n", [("GET", b"")]),
    "a counted body": (POST + b"Content-Length: 5\r\n\r\nhello", [("POST", b"hello")]),
    "a length between spaces": (POST + b"Content-Length: \t 5 \r\n\r\nhello", [("POST", b"hello")]),
    "one after the other": (
        POST + b"Content-Length: 2\r\n\r\nabc"[:-1] + GET + b"\r\n" + GET + b"\r\n",
        [("POST", b"ab"), ("GET", b""), ("GET", b"")],
    ),
    "chunks": (
        CHUNKED + b"\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nHost: elsewhere\r\n\r\n",
        [("POST", b"abcde")],
    ),
    "empty lines before": (b"\r\n\r\n" + GET + b"\r\n", [("GET", b"")]),
    "another protocol is asked for": (
        GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" + GET + b"\r\n",
        [("GET", b""), ("GET", b"")],
    ),
    "a body, and another protocol": (
        POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc" + GET + b"\r\n",
        [("POST", b"abc"), ("GET", b"")],
    ),
    "chunks, and another protocol": (
        CHUNKED + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        [("POST", b"abc")],
    ),
}


@pytest.mark.parametrize("step", [None, 1, 2, 7])
@pytest.mark.parametrize("kind", READ)
def test_requests_are_read_however_they_are_cut(kind, step):
    data, requests = READ[kind]
    assert read(data, step) == requests


REFUSED = {
    "a length and chunks": (CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n", 400),
    "chunks and a length": (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "chunks twice": (CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks of something else": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    "a coding that is nearly known": (POST + b"Transfer-Encoding: xchunked\r\n\r\n", 400),
    "chunks with a space before the colon": (POST + b"Transfer-Encoding : chunked\r\n\r\n", 400),
    "chunks in HTTP/1.0": (CHUNKED.replace(b"1.1", b"1.0") + b"\r\n0\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
    "a list of lengths": (POST + b"Content-Length: 5, 5\r\n\r\nhello", 400),
    "a length with a sign": (POST + b"Content-Length: +5\r\n\r\nhello", 400),
    "a length below nothing": (POST + b"Content-Length: -5\r\n\r\nhello", 400),
    "no length": (POST + b"Content-Length:\r\n\r\nhello", 400),
    "a length beyond all files": (POST + b"Content-Length: 1" + b"0" * 30 + b"\r\n\r\n", 400),
    "a chunk that is longer than told": (CHUNKED + b"\r\n3\r\nabcd\r\n0\r\n\r\n", 400),
    "a chunk with a prefix": (CHUNKED + b"\r\n0x3\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk below nothing": (CHUNKED + b"\r\n-3\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk beyond all files": (CHUNKED + b"\r\n" + b"f" * 18 + b"\r\nabc", 400),
    "chunks with bare line ends": (CHUNKED + b"\r\n3\nabc\n0\n\n", 400),
    "a bare line end beside a chunk": (CHUNKED + b"\r\n3;a\nb\r\nabc\r\n0\r\n\r\n", 400),
    "bare line ends": (b"GET / HTTP/1.1\nHost: here\n\n", 400),
    "a bare line end in a value": (GET + b"A: b\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "a bare return in a value": (GET + b"A: b\rTransfer-Encoding: chunked\r\n\r\n", 400),
    "a zero in a value": (GET + b"A: \0\r\n\r\n", 400),
    "a folded header": (GET + b"A: b\r\n c\r\n\r\n", 400),
    "a folded first header": (b"GET / HTTP/1.1\r\n Host: here\r\n\r\n", 400),
    "a header without a colon": (GET + b"abc\r\n\r\n", 400),
    "a header without a name": (GET + b": b\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + b"Host: elsewhere\r\n\r\n", 400),
    "an address with a space": (b"GET /a b HTTP/1.1\r\nHost: here\r\n\r\n", 400),
    "an address in letters that there are not": (b"GET /\xe4 HTTP/1.1\r\nHost: here\r\n\r\n", 400),
    "a first line without a version": (b"GET /\r\n\r\n", 505),
    "the next version": (b"GET / HTTP/2.0\r\nHost: here\r\n\r\n", 505),
    "a version that there is not": (b"GET / HTTP/1.9\r\nHost: here\r\n\r\n", 400),
    "a method that there is not": (b"BREW / HTTP/1.1\r\nHost: here\r\n\r\n", 501),
    "what is encrypted": (b"\x16\x03\x01\x02\x00", 400),
    "a head without an end": (GET + b"A: " + b"b" * MOST_HEAD, 431),
    "too long a head": (GET + b"A: " + b"b" * MOST_HEAD + b"\r\n\r\n", 431),
    "very many headers": (GET + b"A: b\r\n" * (MOST_HEAD // 6) + b"\r\n", 431),
    "a line behind the chunks without an end": (CHUNKED + b"\r\n0\r\nA: " + b"b" * 3 * MOST_HEAD, 400),
    "a word beside a chunk without an end": (CHUNKED + b"\r\n1;" + b"b" * 3 * MOST_HEAD, 400),
}


@pytest.mark.parametrize("step", [None, 1000])
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_request_is_refused_however_it_is_cut(kind, step):
    data, status = REFUSED[kind]
    with pytest.raises(Refused) as refused:
        read(data, step)
    assert refused.value.status == status


AFTER_CHUNKS = {
    "a request": GET + b"\r\n",
    "a part of one": b"GE",
    "a request with a body": POST + b"Content-Length: 3\r\n\r\nxyz",
    "what is none": b"\x01\x02",
}


@pytest.mark.parametrize("kind", AFTER_CHUNKS)
def test_what_comes_with_the_end_of_chunks_makes_them_the_last(kind):
    reader = RequestReader()
    reader.feed(CHUNKED + b"\r\n3\r\nabc\r\n0\r\n\r\n" + AFTER_CHUNKS[kind])
    assert reader.head().values(b"host") == [b"here"]
    assert reader.body() == b"abc"
    assert (reader.is_at_end, reader.is_last) == (True, True)


@pytest.mark.parametrize(
    ("target", "meant", "host"),
    [
        (b"/a?b=c", b"/a?b=c", b"here"),
        (b"http://there:8000/a?b=c", b"/a?b=c", b"there:8000"),
        (b"HTTPS://there", b"/", b"there"),
        (b"http://there?b=c", b"/?b=c", b"there"),
        (b"/http://there/", b"/http://there/", b"here"),
    ],
)
def test_a_whole_address_is_asked_for_as_its_path(target, meant, host):
    reader = RequestReader()
    reader.feed(b"GET " + target + b" HTTP/1.1\r\nHost: here\r\nAccept: */*\r\n\r\n")
    head = reader.head()
    assert (head.target, head.values(b"host"), head.values(b"accept")) == (meant, [host], [b"*/*"])


def test_nothing_follows_what_asks_for_a_tunnel():
    reader = RequestReader()
    reader.feed(b"CONNECT there:80 HTTP/1.1\r\nHost: there\r\n\r\n" + GET + b"\r\n")
    assert reader.head().method == "CONNECT"
    assert reader.is_last


def test_the_next_request_is_not_read_before_its_turn():
    reader = RequestReader()
    reader.feed((GET + b"\r\n") * 3)
    assert reader.head().target == b"/a?b=c"
    assert reader.waiting == 2 * len(GET + b"\r\n")


@pytest.mark.parametrize(
    ("said", "keeps"),
    [
        (b"", True),
        (b"Connection: close\r\n", False),
        (b"Connection: TE, Close\r\n", False),
        (b"Connection: keep-alive\r\nConnection: close\r\n", False),
        (b"Connection: closely\r\n", True),
    ],
)
def test_who_closes_is_believed(said, keeps):
    reader = RequestReader()
    reader.feed(GET + said + b"\r\n")
    assert reader.head().keeps_alive is keeps
    reader.feed(GET.replace(b"1.1", b"1.0") + said + b"\r\n")
    assert reader.head().keeps_alive is False


def test_what_stands_behind_a_body_is_no_header():
    reader = RequestReader()
    reader.feed(CHUNKED + b"\r\n0\r\nAuthorization: Bearer stolen\r\n\r\n")
    head = reader.head()
    assert (reader.body(), reader.is_at_end) == (b"", True)
    assert head.values(b"authorization") == []


def test_a_part_of_what_was_received_is_seen_and_not_copied():
    reader = RequestReader()
    received = POST + b"Content-Length: 8\r\n\r\nhell"
    reader.feed(received)
    reader.head()
    part = reader.body()
    assert isinstance(part, memoryview)
    assert part.obj is received
    assert part == b"hell"
    reader.feed(b"o")
    assert (reader.body(), reader.waiting, reader.is_at_end) == (b"o", 0, False)
    reader.feed(b"you" + GET)
    assert (reader.body(), reader.waiting, reader.is_at_end) == (b"you", len(GET), True)
