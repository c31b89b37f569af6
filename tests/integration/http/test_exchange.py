"""Requests and answers of small applications over a socket: order, framing, early answers, and what breaks off."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from uvicorn.server import ServerState

from streamdepth.http.connections import MOST_HELD, Patience, Waiting, bounded
from streamdepth.http.exchange import AT_ONCE, LEFT, HungUp

BOUND = 20.0
PATIENCE = Patience(5.0, 5.0, 5.0, 5.0)
GET = b"GET /%b HTTP/1.1\r\nHost: here\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: here\r\n"


async def whole(receive):
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message["body"]
        more = message["more_body"]
    return body


async def answer(send, body, status=200, *fields):
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length, *fields]})
    await send({"type": "http.response.body", "body": body})


async def echo(scope, receive, send):
    """The path, the query and the body."""
    body = await whole(receive)
    await answer(send, b"%b|%b|%b" % (scope["path"].encode(), scope["query_string"], body))


async def full(scope, receive, send):
    """An answer before the body is read."""
    await answer(send, b"full", 429)


async def streamed(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in (b"abc", b"", b"de"):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serving(application, patience=PATIENCE, most=None):
    """A connection's worth of it: what opens a connection, and uvicorn's state of the server."""
    config = uvicorn.Config(application, lifespan="off", log_config=None, limit_concurrency=most)
    config.load()
    state = ServerState()
    make = bounded(Waiting(64, patience, keeps_little=False))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: make(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    try:
        yield (lambda: asyncio.open_connection("127.0.0.1", port)), state
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.gather(*state.tasks)


async def head_of(reader):
    """Status and headers of the next answer."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:] if line)


async def next_answer(reader):
    status, fields = await head_of(reader)
    return status, await reader.readexactly(int(fields["content-length"]))


def run(scenario):
    """Within a bound."""
    asyncio.run(asyncio.wait_for(scenario(), BOUND))


async def said(application, data):
    """All that is answered until the end of the connection."""
    async with serving(application) as (connect, _):
        reader, writer = await connect()
        writer.write(data)
        text = await reader.read()
        writer.close()
        return text


def test_requests_that_come_together_are_answered_in_their_order():
    async def scenario():
        async with serving(echo) as (connect, _):
            reader, writer = await connect()
            writer.write(GET % b"a?b=c" + POST + b"Content-Length: 3\r\n\r\nxyz" + GET % b"%C3%A9")
            assert await next_answer(reader) == (200, b"/a|b=c|")
            assert await next_answer(reader) == (200, b"/||xyz")
            assert await next_answer(reader) == (200, "/é||".encode())
            writer.close()

    run(scenario)


def test_however_many_come_ahead_of_their_turn_they_are_bytes_that_wait():
    async def scenario():
        gate, begun = asyncio.Event(), []

        async def slow(scope, receive, send):
            begun.append(scope["path"])
            await gate.wait()
            await echo(scope, receive, send)

        async with serving(slow) as (connect, state):
            reader, writer = await connect()
            one, many = GET % b"a", 40_000
            writer.write(one * many)
            (connection,) = await connections(state, 1)
            while connection._reader.waiting < MOST_HELD:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            assert begun == ["/a"]
            assert connection._reader.waiting <= 2 * MOST_HELD
            gate.set()
            for _ in range(many // 100):
                assert await next_answer(reader) == (200, b"/a||")
            writer.close()

    run(scenario)


async def connections(state, count):
    while len(state.connections) < count:
        await asyncio.sleep(0.01)
    return state.connections


@pytest.mark.parametrize("size", [0, 10, AT_ONCE, 5 * AT_ONCE + 7])
def test_a_body_arrives_whole_counted_and_in_chunks(size):
    async def scenario():
        body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        async with serving(echo) as (connect, _):
            reader, writer = await connect()
            writer.write(POST + b"Content-Length: %d\r\n\r\n" % size + body)
            assert await next_answer(reader) == (200, b"/||" + body)
            chunk = b"%x\r\n%b\r\n" % (size, body) if size else b""
            writer.write(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"0\r\n\r\n")
            assert await next_answer(reader) == (200, b"/||" + body)
            writer.close()

    run(scenario)


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 1000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n5\r\n"]
)
def test_a_part_of_a_body_is_handed_on_though_the_rest_does_not_come(framing):
    async def small(scope, receive, send):
        assert (await receive())["body"] == b"abcde"
        await answer(send, b"that is too much", 413)

    async def scenario():
        async with serving(small) as (connect, _):
            reader, writer = await connect()
            writer.write(POST + framing + b"abcde")
            assert await next_answer(reader) == (413, b"that is too much")
            writer.close()

    run(scenario)


def test_who_is_refused_hears_it_first_and_may_ask_again_when_the_body_is_over():
    async def scenario():
        async with serving(full) as (connect, _):
            reader, writer = await connect()
            for _ in range(2):
                writer.write(POST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1000)
                assert await next_answer(reader) == (429, b"full")
                writer.write(b"x" * 999_000)
            writer.write(GET % b"")
            assert await next_answer(reader) == (429, b"full")
            writer.close()

    run(scenario)


@pytest.mark.parametrize(
    "head",
    [
        POST + b"Connection: close\r\nContent-Length: 8000000\r\n\r\n",
        POST + b"Content-Length: none\r\n\r\n",
    ],
)
def test_who_is_hung_up_on_while_it_sends_hears_why(head):
    """A connection that is closed with bytes unread is reset, and the answer lost."""

    async def scenario():
        async with serving(full) as (connect, state):
            reader, writer = await connect()
            writer.write(head)
            for _ in range(80):
                writer.write(bytes(100_000))
                await writer.drain()
            text = await reader.read()
            assert text.startswith((b"HTTP/1.1 429", b"HTTP/1.1 400"))
            writer.close()
            while state.connections:
                await asyncio.sleep(0.01)

    run(scenario)


def test_who_is_refused_late_may_ask_again_when_the_body_is_over():
    async def late(scope, receive, send):
        await asyncio.sleep(0.3)
        await answer(send, b"full", 429)

    async def scenario():
        async with serving(late) as (connect, _):
            reader, writer = await connect()
            writer.write(POST + b"Content-Length: 8000000\r\n\r\n" + bytes(8_000_000) + GET % b"")
            for _ in range(2):
                assert await next_answer(reader) == (429, b"full")
            writer.close()

    run(scenario)


def test_who_waits_for_a_word_before_the_body_hears_it():
    async def scenario():
        async with serving(echo) as (connect, _):
            reader, writer = await connect()
            writer.write(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(b"abc")
            assert await next_answer(reader) == (200, b"/||abc")
            writer.close()

    run(scenario)


def test_who_waits_for_it_and_is_refused_is_hung_up_on():
    """Else its next request could be taken for the body that it may keep back."""

    async def scenario():
        text = await said(full, POST + b"Expect: 100-continue\r\nContent-Length: 30\r\n\r\n")
        assert text.startswith(b"HTTP/1.1 429")
        assert b"connection: close" in text

    run(scenario)


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (GET % b"", b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
        (GET.replace(b"1.1", b"1.0") % b"", b"abcde"),
        (GET.replace(b"GET", b"HEAD") % b"", b""),
    ],
)
def test_an_answer_of_unknown_length_is_framed_as_its_client_reads_it(request_, body):
    async def scenario():
        text = await said(streamed, request_.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        head, _, found = text.partition(b"\r\n\r\n")
        assert found == body
        assert head.count(b"connection: close") == 1
        assert (b"chunked" in head) is body.endswith(b"0\r\n\r\n")

    run(scenario)


async def broken(scope, receive, send):
    raise ValueError("a secret of the machine")


async def half(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
    await send({"type": "http.response.body", "body": b"abc", "more_body": True})
    raise ValueError("a secret of the machine")


async def short(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
    await send({"type": "http.response.body", "body": b"abc"})


async def injected(scope, receive, send):
    await answer(send, b"", 200, (b"x-name", b"a\r\nset-cookie: b"))


async def silent(scope, receive, send):
    pass


@pytest.mark.parametrize(
    ("application", "first"),
    [
        (broken, b"HTTP/1.1 500"),
        (injected, b"HTTP/1.1 500"),
        (half, b""),
        (short, b""),
        (silent, b"HTTP/1.1 500"),
    ],
)
def test_an_answer_that_fails_never_looks_whole(application, first, caplog):
    async def scenario():
        async with serving(application) as (connect, _):
            reader, writer = await connect()
            writer.write(GET % b"")
            try:
                text = await reader.read(65536)
            except ConnectionResetError:
                text = b""
            assert text.startswith(first)
            assert b"secret" not in text
            assert b"set-cookie" not in text
            assert text.count(b"abc") <= 1  # of nine
            writer.close()

    run(scenario)
    assert [record for record in caplog.records if record.levelname == "ERROR"]


def test_an_answer_that_is_left_unfinished_is_cut_without_a_word(caplog):
    async def leaves(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise HungUp

    async def scenario():
        async with serving(leaves) as (connect, _):
            reader, writer = await connect()
            writer.write(GET % b"")
            with suppress(ConnectionResetError):
                assert not (await reader.read(65536)).endswith(b"0\r\n\r\n")
            writer.close()

    run(scenario)
    assert caplog.records == []


MALFORMED = {
    "a head": (GET.replace(b"Host: here", b"Host here") % b"", 400),
    "a head of too many bytes": (b"GET / HTTP/1.1\r\nA: " + b"b" * 70_000, 431),
    "a method": (b"BREW / HTTP/1.1\r\nHost: here\r\n\r\n", 501),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_no_request_is_told_why_after_the_answers_before_it(kind):
    async def scenario():
        data, status = MALFORMED[kind]
        text = await said(echo, GET % b"first" + data)
        first, second = text.split(b"HTTP/1.1 ")[1:]
        assert (first[:3], second[:3]) == (b"200", b"%d" % status)
        assert b"connection: close" in second

    run(scenario)


def test_chunks_that_break_are_refused_before_an_answer_and_cut_one_that_has_begun():
    async def early(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await whole(receive)

    async def scenario():
        chunks = POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nno number\r\n"
        assert (await said(echo, chunks)).startswith(b"HTTP/1.1 400")
        async with serving(early) as (connect, _):
            reader, writer = await connect()
            writer.write(chunks[:-11])
            assert (await head_of(reader))[0] == 200
            writer.write(chunks[-11:])
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.close()

    run(scenario)


@pytest.mark.parametrize(("application", "status"), [(echo, b"200"), (full, b"429")])
def test_what_comes_with_the_end_of_chunks_is_no_request(application, status):
    async def scenario():
        data = POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + GET % b"smuggled"
        text = await said(application, data)
        assert text.count(b"HTTP/1.1 ") == text.count(b"HTTP/1.1 " + status) == 1
        assert b"smuggled" not in text
        assert b"connection: close" in text

    run(scenario)


@pytest.mark.parametrize("is_asked", [True, False])
@pytest.mark.parametrize("size", [0, MOST_HELD + 1000])
def test_a_client_that_leaves_is_told_to_the_application(size, is_asked):
    """Also where all of its body came before any of it was wanted, and no more was read; asked for it or not."""

    async def scenario():
        left = asyncio.Event()

        async def waiting(scope, receive, send):
            await asyncio.sleep(0.2)
            assert await whole(receive) == bytes(size)
            if is_asked:
                assert (await receive())["type"] == "http.disconnect"
            else:
                await scope[LEFT]
            left.set()

        async with serving(waiting) as (connect, _):
            _, writer = await connect()
            writer.write(POST + b"Content-Length: %d\r\n\r\n" % size + bytes(size))
            await writer.drain()
            await asyncio.sleep(0.4)
            writer.close()
            await left.wait()

    run(scenario)


def test_more_connections_than_there_may_be_are_refused():
    async def scenario():
        async with serving(echo, most=2) as (connect, state):
            first, one = await connect()
            second, two = await connect()
            await connections(state, 2)
            two.write(GET % b"")
            status, fields = await head_of(second)
            assert (status, fields["connection"]) == (503, "close")
            two.close()
            while len(state.connections) > 1:
                await asyncio.sleep(0.01)
            one.write(GET % b"")
            assert (await next_answer(first))[0] == 200
            one.close()

    run(scenario)


def test_an_answer_that_is_taken_slowly_has_its_own_time(monkeypatch):
    monkeypatch.setattr("streamdepth.http.connections.LOOK_EVERY", 0.05)

    async def scenario():
        body = bytes(20_000_000)

        async def much(scope, receive, send):
            await answer(send, body)

        patience = Patience(5.0, 5.0, next=0.1, taking=5.0)
        async with serving(much, patience) as (connect, _):
            reader, writer = await connect()
            writer.write(GET % b"")
            assert (await head_of(reader))[0] == 200
            await asyncio.sleep(0.5)  # some looks at who is late
            assert await reader.readexactly(len(body)) == body
            writer.close()

    run(scenario)
