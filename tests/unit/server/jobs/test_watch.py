from __future__ import annotations

import asyncio

from streamdepth.server.jobs import watch as watches
from streamdepth.server.jobs.watch import Watch


def test_everybody_hears_of_a_change_and_of_the_end(monkeypatch):
    monkeypatch.setattr(watches, "PATIENCE", 10.0)

    async def story():
        watch = Watch()
        with watch.changes() as one, watch.changes() as other:
            watch.wake()
            assert await one.wait()
            assert await other.wait()
            waiting = asyncio.create_task(one.wait())
            await asyncio.sleep(0)
            watch.end()
            assert await waiting
            assert watch.is_over
        watch.wake()

    asyncio.run(story())


def test_where_nothing_changes_it_says_so(monkeypatch):
    monkeypatch.setattr(watches, "PATIENCE", 0.01)

    async def story():
        with Watch().changes() as one:
            return await one.wait()

    assert asyncio.run(story()) is False
