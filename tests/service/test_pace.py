from __future__ import annotations

import asyncio
import itertools

import pytest

from streamdepth.viewers.peers.rate_limit import RateLimit
from streamdepth.webrtc.refusal import Refused


def test_offers_pass_one_after_the_other_and_those_beyond_are_told_to_come_back():
    async def scenario():
        pace = RateLimit(every=0.01, longest=0.035)
        passed, loop = [], asyncio.get_running_loop()

        async def one():
            await pace.turn()
            passed.append(loop.time())

        results = await asyncio.gather(*(one() for _ in range(10)), return_exceptions=True)
        return passed, [error for error in results if error is not None]

    passed, refusals = asyncio.run(scenario())
    assert len(passed) == 4
    assert all(later - earlier > 0.005 for earlier, later in itertools.pairwise(passed))
    assert {(error.status, error.headers["Retry-After"]) for error in refusals} == {(429, "2")}


def test_after_a_pause_the_next_passes_at_once():
    async def scenario():
        pace = RateLimit(every=0.01, longest=0.0)
        await pace.turn()
        with pytest.raises(Refused):
            await pace.turn()
        await asyncio.sleep(0.02)
        await pace.turn()

    asyncio.run(scenario())
