"""A cache of answers, for requests that are repeated."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from streamdepth.server.answers import Answer

_OVERHEAD = 1000
"""Bytes that an answer takes beside its body."""


class Cache(Protocol):
    """Keeps answers by their key."""

    async def get(self, key: str) -> Answer | None:
        """What is kept, if anything."""

    async def put(self, key: str, answer: Answer) -> None:
        """Keep it as long as there is room and time."""

    async def close(self) -> None:
        """No more is asked."""


class NoCache:
    """Keeps nothing."""

    async def get(self, key: str) -> Answer | None:
        """Nothing."""
        return None

    async def put(self, key: str, answer: Answer) -> None:
        """Forget it."""

    async def close(self) -> None:
        """There is nothing to close."""


class MemoryCache:
    """In this process: at most `most_bytes`, each for `seconds`; what was not asked for longest makes room."""

    def __init__(self, most_bytes: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most_bytes
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Answer]] = OrderedDict()
        self._bytes = 0

    async def get(self, key: str) -> Answer | None:
        """See `Cache.get`."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        until, answer = kept
        if until < self._clock():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return answer

    async def put(self, key: str, answer: Answer) -> None:
        """See `Cache.put`; what takes more than a quarter of the room would push out too much of the rest."""
        if _size(answer) > self._most // 4:
            return
        if key in self._kept:
            self._drop(key)
        self._kept[key] = self._clock() + self._seconds, answer
        self._bytes += _size(answer)
        while self._bytes > self._most:
            self._drop(next(iter(self._kept)))

    async def close(self) -> None:
        """Forget all."""
        self._kept.clear()
        self._bytes = 0

    def _drop(self, key: str) -> None:
        _, answer = self._kept.pop(key)
        self._bytes -= _size(answer)


def _size(answer: Answer) -> int:
    return len(answer.body) + _OVERHEAD


def pack(answer: Answer) -> bytes:
    """An answer as bytes that another process can read."""
    head = json.dumps({"type": answer.media_type, "headers": dict(answer.headers)})
    return head.encode() + b"\n" + answer.body


def unpack(packed: bytes) -> Answer:
    """What was packed; raises `ValueError` for anything else."""
    head, newline, body = packed.partition(b"\n")
    document = json.loads(head)
    if not newline or not isinstance(document, dict) or not {"type", "headers"} <= document.keys():
        raise ValueError("this is not an answer")
    return Answer(
        body, str(document["type"]), {str(name): str(value) for name, value in document["headers"].items()}
    )
