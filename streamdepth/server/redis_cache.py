"""Answers kept in Redis, for several services. One that goes away means no cache and one line in the log."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from streamdepth.addresses import redact_address
from streamdepth.said_once import SaidUntilBack
from streamdepth.server.answers import Answer
from streamdepth.server.cache import pack, unpack
from streamdepth.server.redis_address import read_redis, reason_of

logger = logging.getLogger(__name__)

PATIENCE = 0.25
"""Seconds for Redis to answer: an inference is not much slower."""
AGAIN_AFTER = 5.0
"""Seconds until it is tried again when it went away."""
LARGEST = 64_000_000
"""Bytes of an answer that are believed."""
PREFIX = "streamdepth:depth:"


class RedisError(Exception):
    """Redis says what makes no sense."""


class RedisHungUp(RedisError):
    """Redis says nothing more."""


class RedisRefusal(RedisError):
    """Redis says no, in its own words."""


class RedisCache:
    """A `Cache` at an address that `read_redis` reads, which speaks RESP2 (redis.io, protocol)."""

    def __init__(self, address: str, seconds: float) -> None:
        self._address = read_redis(address)
        self._shown = redact_address(address)
        self._milliseconds = str(max(1, round(seconds * 1000)))
        self._line = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._away_until = float("-inf")
        self._told = SaidUntilBack(logger.warning)
        self._full_until = float("-inf")
        self._is_full = False

    async def get(self, key: str) -> Answer | None:
        """See `Cache.get`; None as well where Redis does not answer in time."""
        packed = await self._ask("GET", PREFIX + key)
        try:
            return unpack(packed) if packed else None
        except ValueError:  # somebody else wrote there
            return None

    async def put(self, key: str, answer: Answer) -> None:
        """See `Cache.put`."""
        now = asyncio.get_running_loop().time()
        if now >= self._full_until:
            await self._ask("SET", PREFIX + key, pack(answer), "PX", self._milliseconds)

    async def close(self) -> None:
        """Hang up."""
        self._hang_up()

    async def _ask(self, *words: str | bytes) -> bytes | None:
        """What Redis says; None as well while it is away, and where the questions before this one take too long.

        Whether it is away is found out by the one whose turn it is: many questions at once are no trouble of Redis.
        """
        if self._is_away:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                await self._line.acquire()
        except TimeoutError:
            return None
        try:
            return None if self._is_away else await self._asked(words)
        finally:
            self._line.release()

    @property
    def _is_away(self) -> bool:
        return asyncio.get_running_loop().time() < self._away_until

    async def _asked(self, words: tuple[str | bytes, ...]) -> bytes | None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._in_turn(words)
        except RedisRefusal as error:
            if words[0] == "SET":
                self._full_until = loop.time() + AGAIN_AFTER  # what it has it gives all the same
                self._warn_full(str(error))
            else:
                self._leave(error)
            return None
        except (OSError, TimeoutError, asyncio.IncompleteReadError, RedisError, ValueError) as error:
            self._leave(error)
            return None
        if self._told.back():
            logger.info("the cache at %s answers again", self._shown)
        if words[0] == "SET":
            self._warn_full("")
        return answer

    def _leave(self, error: Exception) -> None:
        """Ask it nothing for a while."""
        self._hang_up()
        self._away_until = asyncio.get_running_loop().time() + AGAIN_AFTER
        line = "the cache at %s does not answer (%s): nothing is cached until it does"
        why = reason_of(error) or str(error) or type(error).__name__
        self._told.away(line, self._shown, why)

    async def _in_turn(self, words: tuple[str | bytes, ...]) -> bytes | None:
        try:
            return await self._answer(words)
        except asyncio.CancelledError:
            self._hang_up()  # the answer that was asked for would be taken for the next one's
            raise

    async def _answer(self, words: tuple[str | bytes, ...]) -> bytes | None:
        if self._streams is not None:
            try:
                return await self._say(*words)
            except (ConnectionError, asyncio.IncompleteReadError, RedisHungUp):
                self._hang_up()  # a Redis with a `timeout` does so when nothing was asked for long
        await self._begin()
        return await self._say(*words)

    async def _begin(self) -> None:
        to = self._address
        self._streams = await asyncio.open_connection(to.host, to.port, ssl=to.tls)
        try:
            if to.login:
                await self._say("AUTH", *to.login)
            if to.number:
                await self._say("SELECT", to.number)
        except RedisRefusal as error:
            raise RedisError(str(error)) from error

    async def _say(self, *words: str | bytes) -> bytes | None:
        """One command and its answer: a status, a string, or none."""
        assert self._streams is not None
        reader, writer = self._streams
        parts = [word.encode() if isinstance(word, str) else word for word in words]
        writer.write(b"*%d\r\n" % len(parts))
        writer.writelines([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts])
        await writer.drain()
        line = (await reader.readline()).strip()
        if not line:
            raise RedisHungUp("it hung up")
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            raise RedisRefusal(rest.decode("utf-8", "replace")[:200])
        if kind != b"$":
            raise RedisError(rest.decode("utf-8", "replace")[:200])
        length = int(rest)
        if length < 0:
            return None
        if length > LARGEST:
            raise RedisError("its answer is too long")
        return (await reader.readexactly(length + 2))[:-2]

    def _hang_up(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            with suppress(OSError, RuntimeError):
                streams[1].transport.abort()

    def _warn_full(self, why: str) -> None:
        """One line when it keeps nothing more, and one when it does again."""
        if bool(why) is self._is_full:
            return
        self._is_full = bool(why)
        if why:
            cure = "give it room" if why.startswith("OOM") else "let it be written to"
            logger.warning("the cache at %s keeps nothing new (%s): %s", self._shown, why, cure)
        else:
            logger.info("the cache at %s keeps answers again", self._shown)
