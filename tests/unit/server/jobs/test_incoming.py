from __future__ import annotations

import asyncio

import pytest

from streamdepth.http.refusal import Refused
from streamdepth.server.jobs.incoming import Incoming


async def nothing_comes():
    await asyncio.Event().wait()
    yield b""


@pytest.mark.parametrize("turns", range(4))
def test_an_upload_may_be_dropped_by_two_at_once_whichever_turn_of_the_loop_they_have(turns):
    async def story():
        incoming = Incoming()

        async def upload():
            try:
                async for _ in incoming.pieces(nothing_comes()):
                    """None comes."""
            finally:
                incoming.end()

        uploading = asyncio.create_task(upload())
        await asyncio.sleep(0)
        first = asyncio.create_task(incoming.drop())
        for _ in range(turns):
            await asyncio.sleep(0)
        await incoming.drop()
        await first
        with pytest.raises(Refused, match="cancelled while it was uploaded"):
            await uploading

    asyncio.run(asyncio.wait_for(story(), 60))
