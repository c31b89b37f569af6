from __future__ import annotations

import asyncio

import pytest

from streamdepth.server.flights import Flights
from streamdepth.threads.ticket import Ticket


class Work:
    """Begins work that another thread would do."""

    def __init__(self):
        self.begun = []

    def __call__(self):
        self.begun.append(Ticket(lambda: None))
        return self.begun[-1]


async def several(flights, work, count):
    tasks = [asyncio.create_task(flights.share("key", work)) for _ in range(count)]
    while not work.begun:
        await asyncio.sleep(0)
    return tasks


def test_several_share_what_is_done_once_one_is_told_first_and_the_next_begins_anew():
    async def story():
        flights, work = Flights(), Work()
        tasks = await several(flights, work, 3)
        assert "key" in flights
        await asyncio.to_thread(work.begun[0].set_result, "done")
        assert await asyncio.gather(*tasks) == [("done", True), ("done", False), ("done", False)]
        assert "key" not in flights
        (task,) = await several(flights, work, 1)
        await asyncio.sleep(0)
        work.begun[1].set_result("again")
        assert await task == ("again", True)

    asyncio.run(story())


def test_who_leaves_leaves_the_others_with_it_and_the_last_ends_it():
    async def story():
        flights, work = Flights(), Work()
        first, second = await several(flights, work, 2)
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        assert not work.begun[0].cancelled()
        second.cancel()
        await asyncio.wait([second])
        assert work.begun[0].cancelled()
        assert "key" not in flights

    asyncio.run(story())


def test_when_the_first_has_left_another_is_told_first():
    async def story():
        flights, work = Flights(), Work()
        first, second = await several(flights, work, 2)
        await asyncio.sleep(0)
        first.cancel()
        work.begun[0].set_result("done")
        assert await second == ("done", True)

    asyncio.run(story())


def test_an_error_is_that_of_all_who_share():
    async def story():
        flights, work = Flights(), Work()
        tasks = await several(flights, work, 2)
        await asyncio.sleep(0)
        work.begun[0].set_exception(ValueError("once"))
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert [str(error) for error in asyncio.run(story())] == ["once", "once"]


def test_what_cannot_begin_is_not_under_way():
    def fails():
        raise ValueError("full")

    async def story():
        flights = Flights()
        with pytest.raises(ValueError, match="full"):
            await flights.share("key", fails)
        assert "key" not in flights

    asyncio.run(story())


def test_no_task_is_made_for_it():
    async def story():
        flights, work = Flights(), Work()
        (task,) = await several(flights, work, 1)
        assert asyncio.all_tasks() == {asyncio.current_task(), task}
        work.begun[0].set_result("done")
        assert await task == ("done", True)

    asyncio.run(story())


def test_work_that_ends_when_the_loop_is_gone_is_nobodys():
    flights, work = Flights(), Work()

    async def story():
        await several(flights, work, 1)

    asyncio.run(story())
    assert work.begun[0].cancelled()
