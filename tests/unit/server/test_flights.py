from __future__ import annotations

import asyncio

import pytest

from streamdepth.server.flights import Flights


class Work:
    def __init__(self):
        self.begun = 0
        self.cancelled = 0
        self.release = asyncio.Event()

    async def __call__(self):
        self.begun += 1
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.begun


async def several(flights, work, count):
    tasks = [asyncio.create_task(flights.share("key", work)) for _ in range(count)]
    while not work.begun:
        await asyncio.sleep(0)
    return tasks


def test_several_share_what_one_does_and_the_next_begins_anew():
    async def story():
        flights, work = Flights(), Work()
        tasks = await several(flights, work, 3)
        assert "key" in flights
        work.release.set()
        assert await asyncio.gather(*tasks) == [1, 1, 1]
        assert "key" not in flights
        assert await flights.share("key", work) == 2

    asyncio.run(story())


def test_who_leaves_leaves_the_others_with_it_and_the_last_ends_it():
    async def story():
        flights, work = Flights(), Work()
        first, second = await several(flights, work, 2)
        first.cancel()
        await asyncio.sleep(0.01)
        assert work.cancelled == 0
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        await asyncio.sleep(0.01)
        assert work.cancelled == 1
        assert "key" not in flights

    asyncio.run(story())


def test_an_error_is_that_of_all_who_share():
    async def fails():
        await asyncio.sleep(0.01)
        raise ValueError("once")

    async def story():
        flights = Flights()
        tasks = [asyncio.create_task(flights.share("key", fails)) for _ in range(2)]
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert [str(error) for error in asyncio.run(story())] == ["once", "once"]
    with pytest.raises(ValueError, match="once"):
        asyncio.run(Flights().share("key", fails))
