"""Freed memory goes back to the system."""

from __future__ import annotations

import asyncio

import pytest

from streamdepth.sources.live.switching import Choice
from streamdepth.viewers.peers import registry as webrtc


class TwoInputs:
    """What viewers choose from, without any pictures."""

    names = ("garden", "sea")
    choice = Choice()

    def choose(self, number):
        self.choice = Choice(number)


@pytest.fixture
def given_back(monkeypatch):
    """When memory was given back: one entry a time."""
    times = []
    monkeypatch.setattr(webrtc, "give_back", lambda: times.append(None))
    monkeypatch.setattr(webrtc, "LOOK_AFTER_EVERY", 0.02)
    monkeypatch.setattr(webrtc, "SETTLED_AFTER", 0.1)
    return times


def test_after_another_input_was_chosen_it_is_given_back_once(running_service, watching, given_back):
    async def scenario(service, inputs):
        async with watching(service) as viewer:
            for _ in range(10):
                await viewer.message("input")
            assert given_back == []
            inputs.choose(1)
            async with asyncio.timeout(10):
                while not given_back:
                    await viewer.message("input")
            for _ in range(10):
                await viewer.message("input")
            assert len(given_back) == 1

    inputs = TwoInputs()
    with running_service(inputs=inputs) as service:
        asyncio.run(scenario(service, inputs))


def test_after_a_viewer_has_left_it_is_given_back(running_service, watching, until, given_back):
    async def scenario(service):
        async with watching(service) as viewer:
            await viewer.message("condition")
            assert given_back == []

    with running_service() as service:
        asyncio.run(scenario(service))
        until(lambda: given_back)
