"""What waits for a change of a job, on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 15.0
"""Seconds without a change after which a line is shown to be alive."""


class Changes:
    """One client that waits for changes."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Something changed."""
        self._event.set()

    async def wait(self) -> bool:
        """Until something changes; False where nothing has for `PATIENCE` seconds."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Watch:
    """All clients that wait for changes; used on the event loop only."""

    def __init__(self) -> None:
        self._waiting: set[Changes] = set()
        self.is_over = False

    def wake(self) -> None:
        """Something changed."""
        for changes in self._waiting:
            changes.wake()

    def end(self) -> None:
        """Changes are not reported any more."""
        self.is_over = True
        self.wake()

    @contextmanager
    def changes(self) -> Iterator[Changes]:
        """Within it, changes are received."""
        changes = Changes()
        self._waiting.add(changes)
        try:
            yield changes
        finally:
            self._waiting.discard(changes)
