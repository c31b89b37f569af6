from __future__ import annotations

import asyncio

import pytest
from leaping_loop import run_leaping

from streamdepth.server.flights import Flights
from streamdepth.threads.ticket import Ticket


class Work:
    """Begins work that another thread would do."""

    def __init__(self):
        self.begun = []

    def __call__(self):
        self.begun.append(Ticket(lambda: None))
        return self.begun[-1]


class Kept:
    """Where results are kept; one that is slow takes until it is let."""

    def __init__(self, slow=False):
        self.results = []
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        if not slow:
            self.may_end.set()

    async def __call__(self, result):
        self.begun.set()
        await self.may_end.wait()
        self.results.append(result)


async def several(flights, work, count, kept=None, patience=60.0):
    kept = kept or Kept()
    tasks = [asyncio.create_task(flights.share("key", work, kept, patience)) for _ in range(count)]
    while not work.begun:
        await asyncio.sleep(0)
    return tasks


def test_several_share_what_is_done_once_it_is_kept_once_and_the_next_begins_anew():
    async def story():
        flights, work, kept = Flights(), Work(), Kept()
        tasks = await several(flights, work, 3, kept)
        assert "key" in flights
        await asyncio.to_thread(work.begun[0].set_result, "done")
        assert await asyncio.gather(*tasks) == ["done"] * 3
        assert kept.results == ["done"]
        assert "key" not in flights
        (task,) = await several(flights, work, 1)
        await asyncio.sleep(0)
        work.begun[1].set_result("again")
        assert await task == "again"

    asyncio.run(story())


def test_who_asks_while_a_result_is_being_kept_gets_it_at_once():
    async def story():
        flights, work, kept = Flights(), Work(), Kept(slow=True)
        (first,) = await several(flights, work, 1, kept)
        work.begun[0].set_result("done")
        await kept.begun.wait()
        (second,) = await several(flights, work, 1, kept)
        assert await second == "done"
        assert not first.done()
        kept.may_end.set()
        assert await first == "done"
        assert (len(work.begun), kept.results) == (1, ["done"])
        assert "key" not in flights

    asyncio.run(story())


def test_who_leaves_while_it_is_being_kept_leaves_nothing_under_way():
    async def story():
        flights, work, kept = Flights(), Work(), Kept(slow=True)
        (first,) = await several(flights, work, 1, kept)
        work.begun[0].set_result("done")
        await kept.begun.wait()
        first.cancel()
        await asyncio.wait([first])
        assert "key" not in flights

    asyncio.run(story())


def test_to_keep_a_result_takes_nothing_of_the_patience_for_it():
    async def story():
        flights, work, kept = Flights(), Work(), Kept(slow=True)
        (first,) = await several(flights, work, 1, kept, patience=0.05)
        await asyncio.sleep(0)
        work.begun[0].set_result("done")
        await kept.begun.wait()
        asyncio.get_running_loop().call_later(0.1, kept.may_end.set)
        assert await first == "done"

    run_leaping(story())


def test_who_has_waited_long_enough_leaves():
    async def story():
        flights, work = Flights(), Work()
        (only,) = await several(flights, work, 1, patience=0.01)
        await asyncio.wait([only])
        assert isinstance(only.exception(), TimeoutError)
        assert work.begun[0].cancelled()
        assert "key" not in flights

    run_leaping(story())


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


@pytest.mark.parametrize("landed", [False, True])
def test_when_the_first_has_left_another_keeps_it_and_when_all_have_nothing_is_under_way(landed):
    async def story():
        flights, work, kept = Flights(), Work(), Kept()
        tasks = await several(flights, work, 3, kept)
        await asyncio.sleep(0)
        leave_now = asyncio.get_running_loop().call_soon if landed else lambda leave: leave()
        work.begun[0].set_result("done")
        for task in tasks[:2]:
            leave_now(task.cancel)
        assert await tasks[2] == "done"
        assert kept.results == ["done"]
        (only,) = await several(flights, work, 1, kept)
        await asyncio.sleep(0)
        work.begun[1].set_result("again")
        leave_now(only.cancel)
        await asyncio.wait([only])
        assert "key" not in flights

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
            await flights.share("key", fails, Kept(), 60.0)
        assert "key" not in flights

    asyncio.run(story())


def test_no_task_is_made_for_it():
    async def story():
        flights, work = Flights(), Work()
        (task,) = await several(flights, work, 1)
        assert asyncio.all_tasks() == {asyncio.current_task(), task}
        work.begun[0].set_result("done")
        assert await task == "done"

    asyncio.run(story())


def test_work_that_ends_when_the_loop_is_gone_is_nobodys():
    flights, work = Flights(), Work()

    async def story():
        await several(flights, work, 1)

    asyncio.run(story())
    assert work.begun[0].cancelled()
