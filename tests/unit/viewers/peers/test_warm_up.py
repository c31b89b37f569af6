from __future__ import annotations

import asyncio
from fractions import Fraction

import pytest

from streamdepth.frames import SourceInfo
from streamdepth.http.refusal import Refused
from streamdepth.live.encoder import LiveEncoder
from streamdepth.viewers.peers import warm_up as rehearsal
from streamdepth.viewers.peers.warm_up import warm_up


@pytest.fixture
def encoder():
    encoder = LiveEncoder(SourceInfo(64, 48, Fraction(30), True, 1.0))
    yield encoder
    encoder.close()


def rehearse_until_nothing_is_left(encoder):
    async def scenario():
        await warm_up(encoder, reports=True)
        async with asyncio.timeout(10):
            while asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.sleep(0)

    asyncio.run(scenario())


def test_an_answer_is_given_and_nothing_is_left_of_it(encoder, monkeypatch):
    answered = []
    answer = rehearsal.Viewer.answer

    async def watched(viewer, offer):
        answered.append(await answer(viewer, offer))

    monkeypatch.setattr(rehearsal.Viewer, "answer", watched)
    rehearse_until_nothing_is_left(encoder)
    assert "a=candidate:" in answered[0]
    assert encoder.figures() == ()


def test_one_that_fails_leaves_nothing_either(encoder, monkeypatch):
    async def refuse(_viewer, _offer):
        raise Refused(400, "no")

    monkeypatch.setattr(rehearsal.Viewer, "answer", refuse)
    rehearse_until_nothing_is_left(encoder)
    assert encoder.figures() == ()
