"""A machine that is simulated: what depth takes is the rung's time times the load of a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from streamdepth.frames import Condition, DepthMap, Estimate, Frame, Rendered, SourceState
from streamdepth.pixels import Picture
from streamdepth.promise.controller import State
from streamdepth.promise.keeper import Keeper, Pace
from streamdepth.promise.ladder import Rung, ladder_of
from streamdepth.promise.target import Target

PICTURE = Picture.of_bgr(np.zeros((2, 2, 3), np.uint8))
DEPTH = DepthMap(np.zeros((2, 2), np.float32))
TWO = [Rung("midas-small", 256, "fp32", 0.02), Rung("midas-small", 192, "fp32", 0.014)]
MEASURED = [Rung("nano", size, "fp32", ms / 1000) for size, ms in ((256, 12), (192, 7), (160, 5), (128, 3))]
DRAWING = 0.006


LIVE = Condition()


def rendered(frame: Frame, condition: Condition = LIVE) -> Rendered:
    return Rendered(Estimate(frame, DEPTH, 0.0), frame.picture, condition)


@dataclass
class Machine:
    """Takes the newest of the pictures that were taken, as the pipeline does; `load` is by the time in seconds."""

    target: Target
    load: Callable[[float], float]
    rate: float = 30.0
    measured: list[Rung] = field(default_factory=lambda: MEASURED)
    held: Callable[[], str | None] = lambda: None
    said: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    rungs: list[int] = field(default_factory=list)
    now: float = 0.0

    def run(self, seconds: float) -> Pace:
        ladder = ladder_of(self.measured, may_leave_out=self.target.fps is None)
        self.keeper = keeper = Keeper(self.target, ladder, self.said.append, clock=lambda: self.now)
        pace = keeper.join(self.rate, self.told.append, self.held)
        free, waiting = 0.0, None
        for index in range(round(seconds * self.rate)):
            at = index / self.rate
            while waiting is not None and free <= at:
                free, waiting = self.show(pace, waiting, max(free, waiting.captured_at)), None
            self.now = at
            frame = Frame(index, Fraction(index, 30), at, PICTURE)
            if pace.takes(frame):
                waiting = frame
            self.rungs.append(keeper.rung)
        pace.close()
        return pace

    def show(self, pace: Pace, frame: Frame, begin: float) -> float:
        rung = self.keeper.rung
        seconds = self.keeper.rungs[rung].seconds * self.load(begin)
        self.now = begin + seconds
        self.keeper.inferred(rung, seconds)
        self.now += DRAWING
        pace.write(rendered(frame))
        return begin + seconds


def test_a_promise_is_kept_while_others_take_the_machine_for_a_while() -> None:
    machine = Machine(Target(0.05), lambda now: 4.0 if 50 < now < 150 else 1.0)
    figures = machine.run(300).figures()
    assert figures["share"] > 0.99
    assert machine.rungs[45 * 30] == 0  # the best depth before, less meanwhile, and the best again
    assert machine.rungs[100 * 30] > 0
    assert machine.rungs[-1] == 0
    assert figures["steps"] < 20
    assert machine.said == []
    assert machine.told == [
        f"in time: {100 * figures['in_time'] / figures['pictures']:.1f} % of {figures['pictures']} pictures "
        "(50 ms), mostly with nano at 256 in fp32"
    ]


def test_a_load_between_two_rungs_does_not_pump() -> None:
    machine = Machine(Target(0.05), lambda now: 2.2 if int(now * 7) % 10 else 4.2)  # a tenth of pictures
    figures = machine.run(300).figures()
    assert figures["share"] > 0.95
    assert figures["steps"] < 30


def test_a_target_out_of_reach_is_said_once_and_the_fastest_rung_is_tried_on() -> None:
    machine = Machine(Target(0.05), lambda now: 30.0)
    figures = machine.run(60).figures()
    assert figures["rung"] == len(machine.keeper.rungs) - 1
    assert figures["share"] < 0.95
    (line,) = machine.said
    assert line.startswith("50 ms cannot be kept here: even with nano at 128 in fp32, every 3. picture")
    assert "take a larger --target-latency" in line


def test_pictures_beyond_a_promised_rate_are_left_out_so_that_depth_may_be_better() -> None:
    machine = Machine(Target(fps=Fraction(10)), lambda now: 5.0)
    figures = machine.run(60).figures()
    assert figures["pictures"] == 60 * 10
    assert (figures["share"], figures["rung"]) == (1.0, 0)


def test_the_first_picture_is_taken_whatever_is_left_out_after_it() -> None:
    keeper = Keeper(Target(fps=Fraction(10)), ladder_of(MEASURED, may_leave_out=False), lambda _line: None)
    pace = keeper.join(30.0, lambda _line: None)
    frames = [Frame(index, Fraction(index, 30), index / 30, PICTURE) for index in range(8)]
    assert [frame.index for frame in frames if pace.takes(frame)] == [0, 3, 6]


def test_an_input_that_gives_less_than_was_promised_is_said_once() -> None:
    machine = Machine(Target(fps=Fraction(30)), lambda now: 1.0, rate=15.0)
    machine.run(20)
    assert machine.told[0].startswith("the input gives 15.0 pictures a second, so no more can be shown")
    assert len(machine.told) == 2
    fast = Machine(Target(fps=Fraction(30)), lambda now: 1.0)
    fast.run(20)
    assert len(fast.told) == 1


def test_a_picture_that_stands_in_for_others_is_nobodys_promise() -> None:
    keeper = Keeper(Target(0.05), ladder_of(MEASURED, may_leave_out=True), lambda _line: None)
    pace = keeper.join(None, lambda _line: None)
    frame = Frame(0, Fraction(0), keeper.clock(), PICTURE)
    assert pace.takes(frame)
    pace.write(rendered(frame, Condition(SourceState.AWAY)))
    assert pace.figures()["pictures"] == 0
    pace.write(rendered(frame))
    assert pace.figures()["pictures"] == 1


def test_streams_of_one_network_are_judged_together_and_count_their_own() -> None:
    keeper = Keeper(Target(0.05), ladder_of(MEASURED, may_leave_out=True), lambda _line: None, lanes=2)
    front, yard = (keeper.join(30.0, lambda _line: None) for _ in range(2))
    frame = Frame(0, Fraction(0), keeper.clock(), PICTURE)
    front.takes(frame)
    front.write(rendered(frame))
    keeper.inferred(keeper.rung, 0.003)
    assert (front.figures()["pictures"], yard.figures()["pictures"]) == (1, 0)
    assert front.figures()["rungs"] == yard.figures()["rungs"]
    assert sum(rung["maps"] for rung in yard.figures()["rungs"]) == 1


def test_a_network_that_distances_were_taken_with_is_held_for_as_long_as_they_count() -> None:
    def machine() -> Machine:
        made = Machine(Target(0.05), lambda now: 1.0 if now < 20 else 6.0, measured=TWO + MEASURED)
        made.held = lambda: "midas-small" if 10 < made.now < 60 else None
        return made

    held, free = machine(), machine()
    free.held = lambda: None
    figures = held.run(90).figures()
    free.run(90)
    models = [rung.model for rung in held.keeper.rungs]
    assert {models[rung] for rung in held.rungs[11 * 30 : 60 * 30]} == {"midas-small"}
    assert models[free.rungs[50 * 30]] == "nano"  # what the load asks for
    assert models[held.rungs[-1]] == "nano"
    assert held.said == [
        "50 ms cannot be kept here: even with midas-small at 192 in fp32, 0 % of pictures are in time, not 95 % "
        "(take a larger --target-latency, smaller pictures, or end other programs of this machine)"
    ]
    assert figures["held"] is None


def test_distances_of_a_network_that_is_not_at_work_bring_it_back() -> None:
    machine = Machine(Target(0.05), lambda now: 1.0, measured=TWO + MEASURED, held=lambda: "nano")
    figures = machine.run(10).figures()
    assert {machine.keeper.rungs[rung].model for rung in machine.rungs[60:]} == {"nano"}
    assert figures["rungs"][0]["maps"] < 30


def test_no_interval_leaves_out_what_comes_once_a_second_or_less() -> None:
    ladder = ladder_of(MEASURED, may_leave_out=True)
    for rate, taken in ((30.0, [0, 3, 6]), (1.0, [0, 1, 2, 3, 4, 5, 6, 7]), (0.1, [0, 1, 2, 3, 4, 5, 6, 7])):
        keeper = Keeper(Target(0.05), ladder, lambda _line: None, clock=lambda: 0.0)
        pace = keeper.join(rate, lambda _line: None)
        keeper._state = State(len(ladder) - 1, 0.0)
        frames = [Frame(index, Fraction(index), index / rate, PICTURE) for index in range(8)]
        assert [frame.index for frame in frames if pace.takes(frame)] == taken
