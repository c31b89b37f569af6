"""What an exchange asks of its connection and of the loop, for each request once at most."""

from __future__ import annotations

import asyncio

import pytest

from streamdepth.http import exchange as module
from streamdepth.http.exchange import JOINED, Exchange
from streamdepth.http.request_reader import Head

POST = Head("POST", b"/", "1.1", [(b"host", b"here")])


class Written:
    """A `Wire` that takes all at once."""

    def __init__(self):
        self.pieces = []

    def write(self, data):
        self.pieces.append(data)

    async def taken(self):
        pass

    def go_on(self):
        pass

    def end(self, exchange):
        pass

    def abort(self):
        raise AssertionError("the answer was complete")


async def echo(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize(("size", "pieces"), [(0, 1), (JOINED, 1), (JOINED + 1, 2)])
def test_an_answer_goes_out_with_its_head_as_long_as_copying_it_is_cheaper(size, pieces):
    async def story():
        wire = Written()
        exchange = Exchange(POST, wire, ())
        exchange.add(bytes(size), is_whole=True)
        await exchange.run(echo, {})
        return wire.pieces

    written = asyncio.run(story())
    assert len(written) == pieces
    assert b"".join(written).partition(b"\r\n\r\n")[2] == bytes(size)


def test_the_loop_is_not_woken_for_the_rest_of_a_body_that_is_whole(monkeypatch):
    monkeypatch.setattr(module, "SOON", 3600.0)

    async def story():
        loop, timers = asyncio.get_running_loop(), []
        later = loop.call_later
        monkeypatch.setattr(loop, "call_later", lambda *args: timers.append(later(*args)) or timers[-1])
        exchange = Exchange(POST, Written(), ())
        running = asyncio.create_task(exchange.run(echo, {}))
        exchange.add(b"a", is_whole=False)
        await asyncio.sleep(0)
        exchange.add(b"b", is_whole=True)
        await running
        return timers

    (timer,) = asyncio.run(story())
    assert timer.cancelled()
