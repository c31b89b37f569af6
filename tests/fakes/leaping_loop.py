"""An event loop whose time leaps over every wait: what is timed to the hundredth does not depend on the machine."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Leaping(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


class _LeapingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now


def run_leaping(story: Coroutine[Any, Any, Any]) -> Any:
    """What the story gives: as `asyncio.run`, on such a loop. It must wait for nothing but time."""
    with asyncio.Runner(loop_factory=_LeapingLoop) as runner:
        return runner.run(story)
