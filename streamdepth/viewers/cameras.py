"""The cameras behind a service, as its clients see and change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from streamdepth.http.refusal import Refused
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Listed:
    """A camera, whether it has a stream or not."""

    name: str
    source: str
    """Its address or word, without secrets."""
    condition: str = ""
    """Of one that has no stream: `ending`, `ended`, or `starting` or `failed` with the reason in brackets."""


class Cameras(Protocol):
    """Whoever runs the cameras; called on the event loop, so that nothing of it may wait."""

    @property
    def are_several(self) -> bool:
        """Whether there may be more than one."""

    @property
    def may_change(self) -> bool:
        """Whether clients may add and remove cameras."""

    def listed(self) -> Sequence[Listed]:
        """All of them, in order."""

    def put(self, name: str, wanted: Mapping[str, object]) -> bool:
        """Add a camera; False where it is there just so. Raises `Refused`."""

    def delete(self, name: str) -> None:
        """Have a camera end; raises `Refused`."""


class OneCamera:
    """Of a service with a run of its own: its only stream, which is there as long as the service is."""

    are_several = False
    may_change = False

    def listed(self) -> Sequence[Listed]:
        """None but those that have a stream."""
        return ()

    def put(self, name: str, wanted: Mapping[str, object]) -> bool:
        """Raises `Refused`."""
        raise _not_allowed()

    def delete(self, name: str) -> None:
        """Raises `Refused`."""
        raise _not_allowed()


def check_may_change(cameras: Cameras) -> None:
    """Raise `Refused` with 403 where the operator has not allowed it."""
    if not cameras.may_change:
        raise _not_allowed()


def _not_allowed() -> Refused:
    return Refused(403, "cameras cannot be changed here: start streamdepth with --allow-camera-changes")
