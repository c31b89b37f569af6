"""The cache against a real Redis (apt install redis-server)."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from certificates import certificate
from depth_services import BOUND, Network, running_depth
from pictures import encoded, picture
from ports import free_port
from redis_servers import a_redis, needs_redis, with_tls

from streamdepth.server import redis_cache
from streamdepth.server.answers import Answer
from streamdepth.server.cache import pack
from streamdepth.server.redis_cache import RedisCache
from streamdepth.server.settings import CacheSettings

ANSWER = Answer(b"\r\nbody\r\n" * 1000, "image/png", {"Depth-Model": "nano"})


@pytest.fixture
def patient(monkeypatch):
    """However busy this machine is, Redis is waited for."""
    monkeypatch.setattr(redis_cache, "PATIENCE", BOUND)


@needs_redis
@pytest.mark.usefixtures("patient")
def test_what_one_service_keeps_another_has(tmp_path):
    port = free_port()

    async def story():
        one, other = (RedisCache(f"redis://:pass%20word@127.0.0.1:{port}/3", 60) for _ in range(2))
        assert await one.get("key") is None
        await one.put("key", ANSWER)
        found = await asyncio.gather(*[other.get("key") for _ in range(20)])
        await asyncio.gather(one.close(), other.close())
        return found

    with a_redis(tmp_path, port, "--requirepass", "pass word"):
        assert asyncio.run(story()) == [ANSWER] * 20


@pytest.mark.usefixtures("patient")
def test_who_leaves_while_it_waits_for_its_turn_breaks_off_nobody_else():
    async def story():
        clients, asked, may_answer = [], asyncio.Event(), asyncio.Event()

        async def answer(reader, writer):
            clients.append(writer)
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await reader.readuntil(b"streamdepth:")
                    asked.set()
                    await may_answer.wait()
                    writer.write(b"$%d\r\n%b\r\n" % (len(packed), packed))

        packed = pack(ANSWER)
        redis = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with redis:
            cache = RedisCache(f"redis://127.0.0.1:{redis.sockets[0].getsockname()[1]}", 60)
            first = asyncio.create_task(cache.get("one"))
            await asked.wait()
            second = asyncio.create_task(cache.get("two"))
            for _ in range(5):
                await asyncio.sleep(0)  # it waits for the first one's answer
            second.cancel()
            await asyncio.wait({second})
            may_answer.set()
            found = await first
            await cache.close()
            for client in clients:
                client.close()
        return second.cancelled(), found, len(clients)

    assert asyncio.run(story()) == (True, ANSWER, 1)


class SlowRedis:
    """Has an answer to each question, once it may give it."""

    def __init__(self):
        self.served, self.asked, self.may_answer = [], asyncio.Event(), asyncio.Event()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.cache = RedisCache(f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}", 60)
        return self

    async def __aexit__(self, *_error):
        await self.cache.close()
        self.may_answer.set()
        await asyncio.wait(self.served)
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader, writer):
        self.served.append(asyncio.current_task())
        packed = pack(ANSWER)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(redis_cache.PREFIX.encode())
                self.asked.set()
                await self.may_answer.wait()
                writer.write(b"$%d\r\n%b\r\n" % (len(packed), packed))
        writer.close()


def test_who_waits_too_long_for_its_turn_does_not_turn_the_cache_off(monkeypatch, caplog):
    async def story():
        async with SlowRedis() as redis:
            monkeypatch.setattr(redis_cache, "PATIENCE", BOUND)
            first = asyncio.create_task(redis.cache.get("one"))
            await redis.asked.wait()
            monkeypatch.setattr(redis_cache, "PATIENCE", 0.01)
            others = await asyncio.gather(*(redis.cache.get(str(n)) for n in range(20)))
            monkeypatch.setattr(redis_cache, "PATIENCE", BOUND)
            redis.may_answer.set()
            return others, await first, await redis.cache.get("two"), len(redis.served)

    assert asyncio.run(story()) == ([None] * 20, ANSWER, ANSWER, 1)
    assert caplog.messages == []


def test_who_waited_for_one_that_got_no_answer_does_not_ask_again(monkeypatch, caplog):
    async def story():
        async with SlowRedis() as redis:
            monkeypatch.setattr(redis_cache, "PATIENCE", 0.2)
            first = asyncio.create_task(redis.cache.get("one"))
            await redis.asked.wait()
            monkeypatch.setattr(redis_cache, "PATIENCE", BOUND)
            others = await asyncio.gather(*(redis.cache.get(str(n)) for n in range(20)))
            return others, await first, len(redis.served)

    assert asyncio.run(story()) == ([None] * 20, None, 1)
    assert [line for line in caplog.messages if "nothing came in time" in line] == caplog.messages
    assert len(caplog.messages) == 1


@pytest.mark.usefixtures("patient")
def test_the_answer_to_who_left_is_not_given_to_the_next():
    async def story():
        asked, may_answer, packed, served = asyncio.Event(), asyncio.Event(), pack(ANSWER), []

        async def answer(reader, writer):
            served.append(asyncio.current_task())
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await reader.readuntil(redis_cache.PREFIX.encode())
                    is_one = (await reader.readline()).strip() == b"one"
                    asked.set()
                    await may_answer.wait()
                    writer.write(b"$%d\r\n%b\r\n" % (len(packed), packed) if is_one else b"$-1\r\n")
            writer.close()

        redis = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with redis:
            cache = RedisCache(f"redis://127.0.0.1:{redis.sockets[0].getsockname()[1]}", 60)
            first = asyncio.create_task(cache.get("one"))
            await asked.wait()
            first.cancel()
            await asyncio.wait({first})
            may_answer.set()
            found = await cache.get("two"), await cache.get("one")
            await cache.close()
            await asyncio.wait(served)
        return first.cancelled(), found

    assert asyncio.run(story()) == (True, (None, ANSWER))


@needs_redis
@pytest.mark.usefixtures("patient")
def test_it_is_kept_for_its_time(tmp_path):
    port = free_port()

    async def story():
        cache = RedisCache(f"redis://127.0.0.1:{port}", 0.05)
        await cache.put("key", ANSWER)
        give_up_at = time.monotonic() + 10
        while await cache.get("key") is not None:
            assert time.monotonic() < give_up_at
            await asyncio.sleep(0.02)
        await cache.close()

    with a_redis(tmp_path, port):
        asyncio.run(story())


@needs_redis
@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("more", ["", "&ssl_certfile={0}&ssl_keyfile={1}"])
def test_it_is_asked_by_tls_and_must_be_trusted(tmp_path, caplog, more):
    port, files = free_port(), certificate(tmp_path)
    address = f"rediss://127.0.0.1:{port}/3"

    async def story():
        for place in (address, f"{address}?ssl_ca_certs={files[0]}{more.format(*files)}"):
            cache = RedisCache(place, 60)
            await cache.put("key", ANSWER)
            found = await cache.get("key")
            await cache.close()
        return found

    with a_redis(tmp_path, port, *with_tls(port, *files, asks=bool(more))):
        assert asyncio.run(story()) == ANSWER
    assert [line for line in lines_of(caplog) if "must be one that this machine trusts" in line] == lines_of(
        caplog
    )
    assert len(lines_of(caplog)) == 1


def lines_of(caplog):
    """What the cache said: other tests may have let requests be logged as well."""
    return [record.message for record in caplog.records if record.name == redis_cache.__name__]


@needs_redis
@pytest.mark.usefixtures("patient")
def test_a_redis_that_goes_away_means_no_cache_and_one_line(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(redis_cache, "AGAIN_AFTER", 0.0)
    caplog.set_level(logging.INFO, redis_cache.__name__)
    port, network = free_port(), Network()
    pictures = [encoded(".png", picture(20 + number, 20)) for number in range(4)]
    with running_depth(network, cache=CacheSettings(f"redis://:secret@127.0.0.1:{port}")) as client:
        assert [client.depth(data).status for data in pictures] == [200] * 4
        lines = lines_of(caplog)
        assert len(lines) == 1
        assert "does not answer" in lines[0]
        assert "secret" not in lines[0]
        with a_redis(tmp_path, port, "--requirepass", "secret") as redis:
            assert [client.depth(pictures[0]).status for _ in range(3)] == [200] * 3
            assert len(network.seen) == 5, "it is kept as soon as it is there again"
            assert lines_of(caplog)[-1].endswith("answers again")
            redis.kill()
            redis.wait(10)
            assert client.depth(pictures[0]).status == 200
        assert len(lines_of(caplog)) == 3


@needs_redis
@pytest.mark.usefixtures("patient")
def test_who_asks_while_the_answer_is_being_kept_has_it_made_by_nobody_else(tmp_path, monkeypatch):
    put, is_kept, may_be = RedisCache.put, threading.Event(), threading.Event()

    async def put_late(self, key, answer):
        is_kept.set()
        assert await asyncio.to_thread(may_be.wait, BOUND)
        await put(self, key, answer)

    monkeypatch.setattr(RedisCache, "put", put_late)
    port, network, data = free_port(), Network(), encoded(".png", picture(20, 20))
    with (
        a_redis(tmp_path, port),
        running_depth(network, cache=CacheSettings(f"redis://127.0.0.1:{port}")) as client,
    ):
        with ThreadPoolExecutor() as threads:
            first = threads.submit(client.depth, data)
            assert is_kept.wait(BOUND)
            assert client.depth(data).status == 200
            assert not first.done()
            may_be.set()
            assert first.result(BOUND).status == 200
        assert client.depth(data).status == 200
    assert len(network.seen) == 1


def test_what_answers_and_is_no_redis_is_no_cache(monkeypatch):
    async def story(said):
        async def answer(reader, writer):
            await reader.read(100)
            writer.write(said)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        cache = RedisCache(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}", 60)
        found = await cache.get("key")
        await cache.close()
        server.close()
        return found

    monkeypatch.setattr(redis_cache, "PATIENCE", 5.0)
    for said in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$99999999999\r\n", b"$x\r\n", b"", b"$3\r\nabc\r\n"):
        assert asyncio.run(story(said)) is None


def test_a_redis_that_says_nothing_is_not_waited_for_long(caplog):
    async def story(port):
        cache = RedisCache(f"redis://127.0.0.1:{port}", 60)
        async with asyncio.timeout(10):
            for _ in range(100):  # after the first it is not asked again for a while
                assert await cache.get("key") is None
        await cache.close()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        asyncio.run(story(silent.getsockname()[1]))
    assert len(lines_of(caplog)) == 1


@needs_redis
@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("setting", "reason", "cure"),
    [("maxmemory", "OOM", "give it room"), ("min-replicas-to-write", "NOREPLICAS", "let it be written to")],
)
def test_a_redis_that_keeps_nothing_new_gives_what_it_has_and_says_one_line(
    tmp_path, monkeypatch, caplog, setting, reason, cure
):
    monkeypatch.setattr(redis_cache, "AGAIN_AFTER", 0.0)
    caplog.set_level(logging.INFO, redis_cache.__name__)
    port = free_port()

    async def story():
        cache = RedisCache(f"redis://127.0.0.1:{port}", 60)
        await cache.put("there", ANSWER)
        await configure(port, setting, 1)
        for _ in range(3):
            await cache.put("more", ANSWER)
            assert await cache.get("there") == ANSWER
        assert await cache.get("more") is None
        assert len(lines_of(caplog)) == 1, lines_of(caplog)
        await configure(port, setting, 0)
        await cache.put("more", ANSWER)
        assert await cache.get("more") == ANSWER
        await cache.close()

    with a_redis(tmp_path, port, "--maxmemory-policy", "noeviction"):
        asyncio.run(story())
    first, second = lines_of(caplog)
    assert f"keeps nothing new ({reason}" in first
    assert first.endswith(cure)
    assert second.endswith("keeps answers again")


async def configure(port, setting, value):
    """Change a setting of a Redis that runs."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"CONFIG SET {setting} {value}\r\n".encode())
    assert await reader.readline() == b"+OK\r\n"
    writer.close()


@needs_redis
@pytest.mark.usefixtures("patient")
def test_a_line_that_redis_closed_meanwhile_is_opened_again(tmp_path, caplog):
    port = free_port()

    async def story():
        cache = RedisCache(f"redis://127.0.0.1:{port}", 60)
        await cache.put("key", ANSWER)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"CLIENT KILL TYPE normal SKIPME yes\r\n")
        assert await reader.readline() == b":1\r\n"
        assert await cache.get("key") == ANSWER
        writer.close()
        await cache.close()

    with a_redis(tmp_path, port):
        asyncio.run(story())
    assert lines_of(caplog) == []
