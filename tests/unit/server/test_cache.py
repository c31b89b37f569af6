from __future__ import annotations

import asyncio

import pytest

from streamdepth.server.answers import Answer
from streamdepth.server.cache import MemoryCache, NoCache, pack, unpack

ANSWER = Answer(b"a body\nof two lines", "image/png", {"Depth-Model": "nano"})


def test_what_was_not_asked_for_longest_makes_room():
    async def story():
        cache = MemoryCache(12_000, 60)
        for name in "abcd":
            await cache.put(name, Answer(b"x" * 1500, "image/png"))
        assert await cache.get("a") is not None
        await cache.put("e", Answer(b"x" * 1500, "image/png"))
        return [name for name in "abcde" if await cache.get(name) is not None]

    assert asyncio.run(story()) == ["a", "c", "d", "e"]


def test_what_is_too_large_does_not_push_out_the_rest():
    async def story():
        cache = MemoryCache(12_000, 60)
        await cache.put("small", ANSWER)
        await cache.put("large", Answer(b"x" * 5000, "image/png"))
        return await cache.get("small"), await cache.get("large")

    assert asyncio.run(story()) == (ANSWER, None)


def test_it_is_kept_for_its_time_and_counted_once():
    now = [0.0]

    async def story():
        cache = MemoryCache(6000, 60, lambda: now[0])
        for _ in range(10):
            await cache.put("same", ANSWER)
        now[0] = 59.0
        kept = await cache.get("same")
        now[0] = 61.0
        return kept, await cache.get("same"), cache._bytes

    assert asyncio.run(story()) == (ANSWER, None, 0)


def test_no_cache_keeps_nothing():
    async def story():
        cache = NoCache()
        await cache.put("a", ANSWER)
        return await cache.get("a")

    assert asyncio.run(story()) is None


def test_an_answer_comes_back_from_its_bytes():
    assert unpack(pack(ANSWER)) == ANSWER


@pytest.mark.parametrize("packed", [b"", b"\n", b"{}", b"{}\nabc", b"[1]\nabc", b"\xff\n"])
def test_what_is_no_answer_is_told(packed):
    with pytest.raises(ValueError):  # noqa: PT011 (json has its own sentences)
        unpack(packed)
