"""An upload in progress; cancelling its job ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from streamdepth.http.refusal import Refused


def cancelled() -> Refused:
    """What is said of an upload whose job is over before it was complete."""
    return Refused(409, "this job was cancelled while it was uploaded (send it again where it is wanted)")


class Incoming:
    """The pieces of one upload, until it is dropped; lives on the event loop."""

    def __init__(self) -> None:
        self._is_dropped = False
        self._next: asyncio.Timeout | None = None
        """Around the piece that is waited for."""
        self._over = asyncio.Event()

    async def pieces(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Those of `stream`; raises `Refused` with 409 in place of the next one once it is dropped."""
        while not self._is_dropped:
            try:
                async with asyncio.timeout(None) as self._next:
                    piece = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError:
                break
            finally:
                self._next = None
            yield piece
        raise cancelled()

    def end(self) -> None:
        """Nothing of it is under way any more."""
        self._over.set()

    async def drop(self) -> None:
        """Let nothing more of it come, and return when nothing of it is under way."""
        is_first, self._is_dropped = not self._is_dropped, True
        if is_first and self._next is not None:
            self._next.reschedule(asyncio.get_running_loop().time())
        await self.is_over()

    async def is_over(self) -> None:
        """Return when nothing of it is under way."""
        await self._over.wait()
