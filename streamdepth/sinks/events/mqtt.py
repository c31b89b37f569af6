"""Events to an MQTT broker that comes and goes: each at least once, and what it keeps always as it is now."""

from __future__ import annotations

import time
from typing import Any

from streamdepth.delivery.deliverer import CAPACITY, CLOSE_PATIENCE, LAST_TRIES
from streamdepth.delivery.standing import NotDelivered, Standing
from streamdepth.said_once import Say
from streamdepth.sinks.events.broker import Broker
from streamdepth.sinks.events.event import Event
from streamdepth.sinks.events.mqtt_session import TURN, OldBroker, Session
from streamdepth.sinks.events.topics import OFFLINE, ONLINE, Message, Topics
from streamdepth.sinks.events.under_way import UnderWay
from streamdepth.threads.handoff import Ended
from streamdepth.threads.outbox import Outbox
from streamdepth.threads.worker import Flag, Worker
from streamdepth.zones.zone import Zones

WINDOW = 20
"""Events under way at a time."""
GOODBYE_TURNS = 5


class MqttWriter:
    """Publishes with a thread of its own, which connects again for ever.

    An event waits here until the broker has acknowledged it: where the connection is lost before, it is published again
    with the same identity. What the broker is to keep (states, availability, announcements) is published
    anew with each connection: a broker that lost it has it again.
    """

    def __init__(
        self, broker: Broker, topics: Topics, identity: str, say: Say, capacity: int = CAPACITY
    ) -> None:
        self._broker = broker
        self._topics = topics
        self._identity = identity
        self._standing = Standing(broker.name, say)
        self._events: Outbox[Event] = Outbox(capacity)
        self._zones = self._announced = Zones()
        self._kept: dict[str, Message] = {}
        self._left: dict[str, str] | None = None
        """What an earlier run left at the broker, while zones are not yet announced; None before it was looked for."""
        self._is_old = broker.old
        self._given_up = Flag()
        self._give_up_at: float | None = None
        self._worker = Worker("events-mqtt", self._run, on_error=lambda _error: None).start()

    @property
    def failure(self) -> BaseException | None:
        """What ended its thread although it was not asked to: a fault of this program."""
        return self._worker.error

    def announce(self, zones: Zones) -> None:
        """These are the zones from now on."""
        self._zones = zones

    def put(self, event: Event) -> None:
        """Let one be published."""
        if not self._events.put(event):
            self._standing.full()

    def end(self) -> None:
        """No more comes."""
        if self._give_up_at is None:
            self._give_up_at = time.monotonic() + CLOSE_PATIENCE
        self._events.close()

    def close(self, *, complete: bool) -> None:
        """Publish what waits, and that nobody is there any more, in a bounded time."""
        self.end()
        assert self._give_up_at is not None, "that is the end"
        self._worker.is_running(max(0.0, self._give_up_at - time.monotonic()))
        self._given_up.set()
        self._worker.is_running(GOODBYE_TURNS * TURN)
        self._standing.ended(len(self._events))

    def figures(self) -> dict[str, Any]:
        """As the report has them."""
        return self._standing.figures(len(self._events), self._events.dropped)

    def _run(self) -> None:
        while not self._given_up.is_set():
            try:
                self._serve()
                return
            except OldBroker as why:
                if self._is_old:
                    self._rest(why)
                self._is_old = True
            except NotDelivered as why:
                self._rest(why)

    def _rest(self, why: NotDelivered) -> None:
        if self._events.wait_closed(self._standing.failed(why)):
            self._given_up.wait(LAST_TRIES)

    def _serve(self) -> None:
        """One connection, to the end of the run; raises `NotDelivered` where it is lost."""
        topic = self._topics.availability
        session = Session(self._broker, self._identity, Message(topic, OFFLINE, True), old=self._is_old)
        try:
            self._standing.works()
            if self._left is None:
                self._left = {}  # a broker that hangs up because of the question is asked no second time
                self._left = session.kept(*self._topics.kept)
            for message in (Message(topic, ONLINE, True), *self._kept.values()):
                session.publish(message)
            under_way = UnderWay(self._standing)
            while self._goes_on(session, under_way) and not self._given_up.is_set():
                for event in under_way.settled(session.turn()):
                    self._events.done(event)
            session.publish(Message(topic, OFFLINE, True))
            for _ in range(GOODBYE_TURNS):
                if session.turn():
                    break
            session.leave()
        finally:
            session.close()

    def _goes_on(self, session: Session, under_way: UnderWay) -> bool:
        """Publish what is new; False where all is done and nothing comes any more."""
        try:
            waiting = self._events.first(WINDOW, 0.0)
        except Ended:
            return False
        # Zones are announced before their events are put: seen in this order, their states begin as empty.
        zones, before = self._zones, self._announced
        if zones is not before:
            self._announced = zones
            left, self._left = self._left or {}, {}
            for message in (*self._topics.of_left(left, zones), *self._topics.of_zones(before, zones)):
                session.publish(self._remembered(message))
        for event in under_way.new(waiting):
            messages = map(self._remembered, self._topics.of_event(event))
            under_way.add(event, [session.publish(message) for message in messages])
        return True

    def _remembered(self, message: Message) -> Message:
        if message.is_retained:
            self._kept[message.topic] = message
        return message
