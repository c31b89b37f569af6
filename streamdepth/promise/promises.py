"""Which engines promise something, without a word of how a promise is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from streamdepth.promise.keeper import Keeper


@runtime_checkable
class Promises(Protocol):
    """An engine that may have promised something."""

    @property
    def keeper(self) -> Keeper | None:
        """What keeps the promise; None where there is none."""


def keeper_of(engine: object) -> Keeper | None:
    """What keeps the promise of `engine`; None where it promised nothing."""
    return engine.keeper if isinstance(engine, Promises) else None
