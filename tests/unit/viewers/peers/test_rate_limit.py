from __future__ import annotations

import asyncio

import pytest
from leaping_loop import run_leaping

from streamdepth.http.refusal import Refused
from streamdepth.viewers.peers.rate_limit import RateLimit


def test_offers_pass_one_after_the_other_and_those_beyond_are_told_to_come_back():
    async def scenario():
        limit = RateLimit(every=0.01, longest=0.035)
        passed, loop = [], asyncio.get_running_loop()
        began = loop.time()

        async def one():
            await limit.turn()
            passed.append(loop.time() - began)

        results = await asyncio.gather(*(one() for _ in range(10)), return_exceptions=True)
        return passed, [error for error in results if error is not None]

    passed, refusals = run_leaping(scenario())
    assert passed == pytest.approx([0.0, 0.01, 0.02, 0.03])
    assert {(error.status, error.headers["Retry-After"]) for error in refusals} == {(429, "2")}


def test_after_a_pause_the_next_passes_at_once():
    async def scenario():
        limit = RateLimit(every=0.01, longest=0.0)
        await limit.turn()
        with pytest.raises(Refused):
            await limit.turn()
        await asyncio.sleep(0.02)
        await limit.turn()

    run_leaping(scenario())
