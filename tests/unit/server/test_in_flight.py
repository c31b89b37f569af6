"""How long the line may be while far too many pictures are asked for."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress

import pytest
from depth_services import Network, loaded
from pictures import encoded, picture

from streamdepth.errors import Overloaded
from streamdepth.http.refusal import Refused
from streamdepth.server.cache import NoCache
from streamdepth.server.depth_service import DepthService
from streamdepth.server.figures import Figures
from streamdepth.server.in_flight import InFlight
from streamdepth.server.pictures import Upload
from streamdepth.server.settings import Limits
from streamdepth.server.wanted import Wanted

PNG = encoded(".png", picture())


@pytest.mark.parametrize(("lanes", "few"), [(1, 2), (2, 3), (8, 12)])
def test_half_a_picture_a_lane_may_wait_while_most_are_refused(lanes, few):
    pictures = InFlight(lanes)
    with ExitStack() as open_:
        for _ in range(few):
            assert not pictures.are_too_many
            open_.enter_context(pictures.one_more())
            for _ in range(100):
                pictures.note(refused=True)
        assert pictures.are_too_many
    assert not pictures.are_too_many


def test_the_whole_line_may_wait_while_fewer_are_refused():
    pictures = InFlight(2)
    with ExitStack() as open_:
        for _ in range(18):
            open_.enter_context(pictures.one_more())
        for number in range(300):
            pictures.note(refused=number % 3 == 0)
            assert not pictures.are_too_many


def test_a_burst_is_forgotten_when_nothing_is_in_flight():
    pictures = InFlight(1)
    with pictures.one_more():
        for _ in range(100):
            pictures.note(refused=True)
    pictures.note(refused=False)
    with pictures.one_more(), pictures.one_more(), pictures.one_more():
        assert not pictures.are_too_many


def test_a_service_that_refuses_most_keeps_its_line_short():
    network = Network()

    async def scenario():
        service = DepthService(Limits(waiting=3), NoCache(), Figures())
        service.begin(loaded(network))

        def ask(key, **more):
            return asyncio.create_task(service.answer(Upload(PNG), key, Wanted(), 20.0, **more))

        network.gate.clear()
        asked = [ask("0")]
        assert await asyncio.to_thread(network.begun.acquire, timeout=20)
        asked += [ask(f"{number}") for number in range(1, 4)]
        while service.pool.figures.waiting < 3:
            await asyncio.sleep(0)
        for _ in range(100):
            with pytest.raises(Refused, match="too much waits"):
                service.check_room()
        for one in asked[2:]:
            with pytest.raises(Refused, match="too much waits"):
                service.check_room()
            with pytest.raises(Overloaded, match="too much waits"):
                await ask("another")
            one.cancel()
            with suppress(asyncio.CancelledError):
                await one
        several = ask("one of several", is_alone=False)
        while service.pool.figures.waiting < 2:
            await asyncio.sleep(0)
        network.gate.set()
        await asyncio.gather(*asked[:2], several)
        service.check_room()
        await service.close()

    asyncio.run(asyncio.wait_for(scenario(), 20))
