"""From the threads of runs to the loop of a service: every call ends, whatever the loop does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from streamdepth.errors import SinkError
from streamdepth.threads.worker import Flag, Worker
from streamdepth.viewers import bridge
from streamdepth.viewers.bridge import Bridge


class Showing:
    """Streams that are added by what the test says."""

    def __init__(self, add: Callable[[], None]) -> None:
        self._add = add

    async def add(self, name: str, shown: object) -> None:
        self._add()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    worker = Worker("loop", loop.run_forever, on_error=lambda _: None).start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    worker.join(10)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def test_a_loop_that_is_held_up_in_the_call_is_told_as_that(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge, "PATIENCE", 0.05)
    goes_on = Flag()
    with pytest.raises(SinkError, match="does not answer"):
        Bridge(loop, Showing(lambda: goes_on.wait(30) and None), "http://here").open("hall", object())  # type: ignore[arg-type]
    goes_on.set()


def test_a_loop_that_has_ended_is_told_as_that() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    with pytest.raises(SinkError, match="does not answer"):
        Bridge(loop, Showing(lambda: None), "http://here").open("hall", object())  # type: ignore[arg-type]
