"""Requests that go on and on: woken by each new picture, and ended when there are no more."""

from __future__ import annotations

import asyncio


class News:
    """The new pictures of one stream; lives on the event loop."""

    def __init__(self) -> None:
        self._followers: set[asyncio.Event] = set()
        self.is_closed = False

    @property
    def is_wanted(self) -> bool:
        """Whether anybody waits for the next picture."""
        return bool(self._followers)

    def wake(self) -> None:
        """There is a new picture."""
        for follower in self._followers:
            follower.set()

    def close(self) -> None:
        """There are no more."""
        self.is_closed = True
        self.wake()

    def follow(self) -> asyncio.Event:
        """An event that is set with each new picture, and at once where there are no more.

        Hand it to `unfollow` in the end.
        """
        follower = asyncio.Event()
        if self.is_closed:
            follower.set()
        self._followers.add(follower)
        return follower

    def unfollow(self, follower: asyncio.Event) -> None:
        """No more of it."""
        self._followers.discard(follower)
