"""A made scene, whose truth is known, through the sink."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from depths import RATE, rendered

from streamdepth.delivery.deliverer import CLOSE_PATIENCE
from streamdepth.delivery.webhook import Webhook
from streamdepth.errors import NoFrameYet, SinkError, UsageError
from streamdepth.frames import DepthMap, DepthMeaning, Measured
from streamdepth.sinks.events.sink import EventSink
from streamdepth.sinks.events.webhook import WebhookWriter
from streamdepth.zones.kept import KeptZones
from streamdepth.zones.read import zones_of
from streamdepth.zones.watch import ZoneWatch
from streamdepth.zones.write import table_of
from streamdepth.zones.zone import Zones

LEFT, RIGHT = ([[x, 0], [x + 0.5, 0], [x + 0.5, 1], [x, 1]] for x in (0, 0.5))
RULE = {"metres": 2, "share": 0.5, "seconds": 0.5, "leave_seconds": 0.25}
ZONES = zones_of({"zone": [{"name": name, "polygon": polygon, "near": RULE}
                           for name, polygon in (("left", LEFT), ("right", RIGHT))]})  # fmt: skip


class Kept:
    """A writer that keeps what it gets."""

    def __init__(self, failure=None, error=None):
        self.events, self.zones, self.closed = [], [], []
        self.failure, self._error = failure, error

    def put(self, event):
        self.events.append(event)

    def announce(self, zones):
        self.zones.append(zones)

    def end(self):
        self.ended = True

    def close(self, *, complete):
        self.closed.append(complete)
        if self._error is not None:
            raise self._error

    def figures(self):
        return {"to": "here"}


def picture(index, left, right):
    """A wall at 5 m, in each half of which something may stand at 1 m; in metres."""
    values = np.full((24, 32), 5.0, np.float32)
    values[:, :16][:, : 16 if left else 0] = 1.0
    values[:, 16:][:, : 16 if right else 0] = 1.0
    one = rendered(values, index)
    depth = DepthMap(values, DepthMeaning.METRES)
    return replace(one, estimate=replace(one.estimate, depth=depth))


def film(writer, count=150, when=None, watch=None):
    sink = EventSink("hall", watch or ZoneWatch(ZONES), [writer], "run", when)
    for index in range(count):
        sink.write(picture(index, left=30 <= index < 60, right=45 <= index < 50))
    return sink


def test_each_event_comes_at_its_picture_and_none_twice():
    """30000/1001 pictures a second: half a second is the 15th picture after the first, a quarter the 8th."""
    kept = Kept()
    film(kept)
    told = [(event.frame, event.change.zone, event.change.phase.value) for event in kept.events]
    assert told == [(45, "left", "began"), (68, "left", "ended")]
    assert kept.events[0].change.since == 30 / RATE
    assert [event.identity for event in kept.events] == ["run-1", "run-2"]


def test_a_film_gives_the_same_lines_each_time():
    first, second = Kept(), Kept()
    film(first)
    film(second)
    assert [event.line for event in first.events] == [event.line for event in second.events] != []
    assert all(event.at is None for event in first.events)


def test_live_events_know_when_their_picture_was_captured():
    kept = Kept()
    film(kept, when=lambda captured_at: captured_at + 1000.0)
    assert kept.events[0].at == 1000.0


def test_writers_are_told_of_zones_at_first_and_when_they_change():
    kept, watch = Kept(), ZoneWatch(ZONES)
    sink = film(kept, 2, watch=watch)
    watch.zones = Zones()
    sink.write(picture(2, left=False, right=False))
    assert kept.zones == [ZONES, Zones()]


def test_zones_in_metres_that_somebody_draws_where_there_are_none_do_not_end_the_run():
    watch = ZoneWatch(Zones())
    zones, sink = KeptZones(watch), EventSink("hall", watch, [], "run", None)
    unitless = rendered(np.full((24, 32), 5.0, np.float32))
    with pytest.raises(NoFrameYet, match="no picture has said yet"):
        zones.put(zones_table := table_of(ZONES))
    sink.write(unitless)
    with pytest.raises(UsageError, match="this depth has no unit"):
        zones.put(zones_table)
    sink.write(unitless)
    sink.write(replace(unitless, measured=Measured(None, 0.1, "the camera was moved")))
    zones.put(zones_table)
    assert watch.zones == ZONES


def test_zones_in_metres_that_the_run_began_with_end_it_where_there_are_none():
    sink = EventSink("hall", ZoneWatch(ZONES), [], "run", None)
    with pytest.raises(UsageError, match="this depth has no unit"):
        sink.write(rendered(np.full((24, 32), 5.0, np.float32)))


def test_a_writer_that_failed_by_a_fault_of_its_own_ends_the_run():
    with pytest.raises(SinkError, match="sending events failed: ZeroDivisionError"):
        film(Kept(failure=ZeroDivisionError()), 1)


def test_every_writer_is_closed_and_the_first_error_is_told():
    writers = [Kept(error=SinkError("first")), Kept(error=SinkError("second")), Kept()]
    sink = EventSink("hall", ZoneWatch(ZONES), writers, "run", None)
    with pytest.raises(SinkError, match="first"):
        sink.close(complete=False)
    assert [writer.closed for writer in writers] == [[False]] * 3


def test_all_receivers_that_are_away_have_their_time_together():
    hooks = [WebhookWriter(Webhook.parse(f"http://127.0.0.1:9/{one}"), lambda *_: None) for one in range(8)]
    sink = EventSink("hall", ZoneWatch(ZONES), hooks, "run", None)
    for index in range(30, 50):
        sink.write(picture(index, left=True, right=False))
    began = time.monotonic()
    sink.close()
    assert time.monotonic() - began < 4 * CLOSE_PATIENCE  # and not eight times
    assert [hook.figures()["waiting"] for hook in hooks] == [1] * 8


def test_the_figures_count_events_and_tell_of_writers():
    assert film(Kept()).figures() == {"count": 2, "writers": [{"to": "here"}]}
