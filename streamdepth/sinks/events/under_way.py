"""Events that were published, and of which the broker has not said yet that it has them."""

from __future__ import annotations

from streamdepth.delivery.standing import NotDelivered, Standing
from streamdepth.sinks.events.event import Event


class UnderWay:
    """Events that were published on one connection, and of which messages the broker has not said that it has them."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._open: dict[int, tuple[Event, set[int]]] = {}

    def new(self, events: list[Event]) -> list[Event]:
        """Those that were not published yet."""
        return [event for event in events if id(event) not in self._open]

    def add(self, event: Event, numbers: list[int]) -> None:
        """`event` is published with these messages."""
        self._open[id(event)] = event, set(numbers)

    def settled(self, acknowledged: dict[int, str]) -> list[Event]:
        """Events of which the broker now has, or refused, every message."""
        done = []
        for event, numbers in list(self._open.values()):
            refusals = [acknowledged[one] for one in numbers & acknowledged.keys() if acknowledged[one]]
            numbers.difference_update(acknowledged)
            if refusals:
                why = NotDelivered(refusals[0], "let this user publish there", is_final=True)
                self._standing.failed(why)
            elif not numbers:
                self._standing.got()
            if refusals or not numbers:
                del self._open[id(event)]
                done.append(event)
        return done
