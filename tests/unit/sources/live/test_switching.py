"""Several inputs of which one is shown: chosen, slow, missing, ending and hanging ones, made by hand."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest
from made_by_hand import BOUND, MadeByHand, frames

from streamdepth.errors import NoFrameYet, SourceError, SourceMissing, Trouble, UsageError
from streamdepth.frames import Condition, Frame, Outages, SourceState
from streamdepth.protocols import Source
from streamdepth.sources.live import switching
from streamdepth.sources.live.aside import MOST_HANGING
from streamdepth.sources.live.switching import Input, SwitchingSource, names_of

REFUSED = SourceError("rtsp://***@cam refuses", "turn it on", Trouble.REFUSED)


class Camera(MadeByHand):
    """Gives `count` grey pictures of one level; without one, more than are taken while another is opened."""

    def __init__(self, level: int, count: int = 10**6, size: tuple[int, int] = (64, 48), **more: Any) -> None:
        super().__init__(count, size, **more)
        self._level = level

    def draw(self, index: int) -> np.ndarray:
        return np.full((self.info.height, self.info.width, 3), self._level, np.uint8)


class WatchedCamera(Camera):
    """One that tells how it is, as those that come back do."""

    condition = Condition(SourceState.FROZEN, "the same picture again and again", 1.0)
    outages = Outages(2, 5.0)


def failing(error: Exception) -> Callable[[], Source]:
    def connect() -> Source:
        raise error

    return connect


def switching_between(first: Camera, *others: Callable[[], Source], **more: object) -> SwitchingSource:
    inputs = [Input("first", lambda: Camera(10)), *(Input(f"other {n}", o) for n, o in enumerate(others, 1))]
    return SwitchingSource(first, inputs, **more)  # type: ignore[arg-type]


def level(frame: Frame) -> int:
    return int(frame.bgr[24, 32, 0])


def until(source: SwitchingSource, condition: Callable[[Frame], bool]) -> list[Frame]:
    """The frames up to the first for which `condition` holds."""
    found: list[Frame] = []
    for frame in frames(source):
        found.append(frame)
        if condition(frame):
            return found
    raise AssertionError("it ended")


def test_the_one_that_is_chosen_takes_over_and_the_old_one_is_closed() -> None:
    first, other = Camera(10), Camera(20)
    with closing(switching_between(first, lambda: other)) as source:
        before = list(islice(frames(source), 3))
        source.choose(1)
        assert source.choice.coming == 1
        shown = until(source, lambda frame: level(frame) == 20)
        assert source.choice == switching.Choice(shown=1)
        assert first.closed.wait(BOUND)
        every = before + shown
        assert [frame.index for frame in every] == list(range(len(every)))
        assert all(a.pts < b.pts for a, b in pairwise(every))
        assert {frame.connection for frame in every[:-1]} == {0}
        assert every[-1].connection == 1
    assert other.closed.wait(BOUND)


def test_each_picture_says_what_is_shown_in_place_of_the_first() -> None:
    with closing(switching_between(Camera(10), lambda: Camera(20))) as source:
        source.choose(1)
        there = until(source, lambda frame: level(frame) == 20)
        source.choose(0)
        back = until(source, lambda frame: level(frame) == 10)
    told = {(level(frame), frame.switched_to) for frame in there + back}
    assert told == {(10, ""), (20, "other 1")}


def test_the_old_one_goes_on_until_the_new_one_has_a_picture() -> None:
    opening, may_open = threading.Event(), threading.Event()

    def slow() -> Source:
        opening.set()
        assert may_open.wait(BOUND)
        return Camera(20)

    with closing(switching_between(Camera(10), slow)) as source:
        source.choose(1)
        until(source, lambda _frame: opening.is_set())
        assert [level(frame) for frame in islice(frames(source), 20)] == [10] * 20
        assert source.choice == switching.Choice(shown=0, coming=1)
        may_open.set()
        until(source, lambda frame: level(frame) == 20)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (REFUSED, "connection refused"),
        (
            SourceMissing("there is no file /secret/place.mp4", "check the path"),
            "there is nothing of that name",
        ),
        (UsageError("the demo scene cannot be 3x3", "ask for more"), "it failed"),
        (ZeroDivisionError("a bug"), "it failed"),
    ],
)
def test_one_that_cannot_be_opened_leaves_the_old_one_and_says_why(failure: Exception, words: str) -> None:
    told: list[str] = []
    with closing(switching_between(Camera(10), failing(failure), notify=told.append)) as source:
        source.choose(1)
        found = until(source, lambda _frame: source.choice.trouble != "")
        assert {level(frame) for frame in found} == {10}
        assert source.choice == switching.Choice(shown=0, trouble=f"other 1: {words}")
        assert told == [f"other 1 is not shown: {failure}"]  # the log has it all, the viewers only words
        source.choose(0)
        assert source.choice.trouble == ""


def test_one_that_ends_before_its_first_picture_says_so() -> None:
    with closing(switching_between(Camera(10), lambda: Camera(20, count=0))) as source:
        source.choose(1)
        until(source, lambda _frame: source.choice.trouble == "other 1: ended by the other side")


def test_one_that_gives_no_picture_is_given_up() -> None:
    hanging = Camera(20, count=0, hangs=True)
    with closing(switching_between(Camera(10), lambda: hanging, patience=0.05)) as source:
        source.choose(1)
        until(source, lambda _frame: source.choice.trouble == "other 1: no answer")
        hanging.release.set()
        assert hanging.closed.wait(BOUND)


def test_the_last_choice_counts() -> None:
    slow = Camera(20, count=0, hangs=True)
    with closing(switching_between(Camera(10), lambda: slow, lambda: Camera(30))) as source:
        source.choose(1)
        list(islice(frames(source), 2))
        source.choose(2)
        until(source, lambda frame: level(frame) == 30)
        assert source.choice == switching.Choice(shown=2)
        slow.release.set()
        assert slow.closed.wait(BOUND)


def test_a_choice_is_taken_back_by_choosing_what_is_shown() -> None:
    slow = Camera(20, count=0, hangs=True)
    with closing(switching_between(Camera(10), lambda: slow)) as source:
        source.choose(1)
        list(islice(frames(source), 2))
        source.choose(0)
        list(islice(frames(source), 2))
        assert source.choice == switching.Choice(shown=0)
        slow.release.set()
        assert slow.closed.wait(BOUND)


def test_with_too_many_that_hang_no_other_is_opened() -> None:
    opened: list[Camera] = []

    def connect() -> Source:
        opened.append(Camera(20, count=0, hangs=True))
        return opened[-1]

    source = switching_between(Camera(10), connect)
    with closing(source):
        for most in [*range(1, MOST_HANGING), *[MOST_HANGING] * 4]:
            source.choose(1)
            until(source, lambda _frame, most=most: len(opened) == most)
            source.choose(0)
            list(islice(frames(source), 2))
        source.choose(1)
        until(source, lambda _frame: source.choice.trouble == "other 1: no answer")
        assert len(opened) == MOST_HANGING
        for camera in opened:
            camera.release.set()


def test_a_file_that_is_over_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switching, "REPLAY_GAP", 0.05)
    opened: list[Camera] = []

    def connect() -> Source:
        opened.append(Camera(20, count=3))
        return opened[-1]

    with closing(switching_between(Camera(10), connect)) as source:
        source.choose(1)
        until(source, lambda frame: level(frame) == 20)
        played = list(islice(frames(source), 8))
        assert {level(frame) for frame in played} == {20}
        assert len({frame.connection for frame in played}) == 3  # each beginning is a cut
        assert source.choice == switching.Choice(shown=1)
        assert len(opened) == 3


def test_nothing_is_left_of_what_was_played_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switching, "REPLAY_GAP", 0.0)
    opened: list[weakref.ref[Camera]] = []

    def connect() -> Source:
        camera = Camera(20, count=3)
        opened.append(weakref.ref(camera))
        return camera

    gc.disable()  # in a steady run it comes so rarely that a hundred decoders would wait for it
    try:
        with closing(switching_between(Camera(10), connect)) as source:
            source.choose(1)
            until(source, lambda frame: len(opened) == 6)
            until(source, lambda frame: sum(camera() is not None for camera in opened) <= 2)
    finally:
        gc.enable()


def test_nothing_is_left_of_one_that_failed() -> None:
    opened: list[weakref.ref[Camera]] = []

    def connect() -> Source:
        camera = Camera(20, count=2, end=SourceError("it broke off", "look after it", Trouble.ENDED))
        opened.append(weakref.ref(camera))
        return camera

    gc.disable()
    try:
        with closing(switching_between(Camera(99), connect)) as source:
            source.choose(1)
            until(source, lambda frame: level(frame) == 20)
            until(source, lambda frame: level(frame) == 10 and opened[0]() is None)
    finally:
        gc.enable()


def test_one_that_fails_while_it_is_shown_gives_way_to_the_first() -> None:
    with closing(switching_between(Camera(99), lambda: Camera(20, count=2, end=REFUSED))) as source:
        source.choose(1)
        until(source, lambda frame: level(frame) == 20)
        until(source, lambda frame: level(frame) == 10)
        assert source.choice == switching.Choice(shown=0, trouble="other 1: connection refused")


def test_one_that_falls_silent_gives_way_to_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switching, "READ_MARGIN", 0.0)
    silent = Camera(20, count=2, hangs=True, read_timeout=0.1)
    with closing(switching_between(Camera(99), lambda: silent)) as source:
        source.choose(1)
        until(source, lambda frame: level(frame) == 20)
        until(source, lambda frame: level(frame) == 10)
        assert source.choice.trouble == "other 1: no more pictures"
        silent.release.set()


def test_where_the_first_fails_the_run_hears_of_it() -> None:
    with (
        closing(switching_between(Camera(10, count=2, end=REFUSED), lambda: Camera(20))) as source,
        pytest.raises(SourceError, match="refuses"),
    ):
        list(frames(source))


def test_a_camera_that_does_not_come_back_is_the_end() -> None:
    with closing(switching_between(WatchedCamera(10, count=2), lambda: Camera(20))) as source:
        assert len(list(frames(source))) == 2


def test_a_first_one_that_cannot_be_opened_again_is_away_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(switching, "REPLAY_GAP", 0.05)
    outcomes = [REFUSED, REFUSED]

    def first_again() -> Source:
        if outcomes:
            raise outcomes.pop()
        return Camera(10)

    other = Camera(20, count=2, end=SourceError("it broke", "", Trouble.BROKE_OFF))
    source = SwitchingSource(Camera(99), [Input("first", first_again), Input("other", lambda: other)])
    with closing(source):
        source.choose(1)
        until(source, lambda frame: level(frame) == 20)
        reasons = set()
        give_up_at = time.monotonic() + BOUND
        while source.condition.state is not SourceState.AWAY or outcomes:
            assert time.monotonic() < give_up_at
            with suppress(NoFrameYet):
                source.read()
            reasons.add(source.condition.reason)
        assert reasons == {"", "connection refused"}
        until(source, lambda frame: level(frame) == 10)
        assert source.condition.state is SourceState.LIVE


def test_it_tells_of_the_one_that_is_shown_what_that_tells_of_itself() -> None:
    with closing(switching_between(Camera(10), lambda: WatchedCamera(20, size=(32, 96)))) as source:
        until(source, lambda _frame: True)
        assert source.condition.state is SourceState.LIVE
        source.choose(1)
        frame = until(source, lambda frame: level_of_any(frame) == 20)[-1]
        assert (frame.picture.width, frame.picture.height) == (32, 96)
        assert (source.info.width, source.info.height, source.info.live) == (32, 96, True)
        assert source.condition.state is SourceState.FROZEN
        source.choose(0)
        until(source, lambda frame: level_of_any(frame) == 10)
        assert source.outages == Outages(2, 5.0)  # what was, stays in the count


def level_of_any(frame: Frame) -> int:
    return int(frame.bgr[frame.picture.height // 2, frame.picture.width // 2, 0])


def test_a_file_is_not_played_while_nobody_reads_it() -> None:
    film = Camera(10, 5, hangs=True)
    with closing(switching_between(film)) as source:
        source.stand_by()
        assert not film.hung.wait(0.2)
        assert len(list(islice(frames(source), 5))) == 5
        film.release.set()


def test_pictures_are_fitted_for_outputs_that_cannot_change_their_size() -> None:
    source = switching_between(Camera(10), lambda: Camera(20, size=(32, 96)), size=(64, 48))
    with closing(source):
        source.choose(1)
        frame = until(source, lambda frame: level(frame) == 20)[-1]
        assert (frame.picture.width, frame.picture.height) == (64, 48)
        assert (source.info.width, source.info.height) == (64, 48)


def test_pixels_of_another_shape_get_that_of_the_first() -> None:
    anamorphic = Camera(20, size=(64, 64))
    anamorphic.info = replace(anamorphic.info, sample_aspect=Fraction(4, 3))
    source = switching_between(Camera(10), lambda: anamorphic, size=(64, 48))
    with closing(source):
        source.choose(1)
        frame = until(source, lambda frame: level(frame) == 20)[-1]
        assert (frame.picture.inner, frame.pixel_aspect) == (None, 1), "both are 4:3"


def test_a_source_that_waits_for_its_reader_cannot_be_switched() -> None:
    with pytest.raises(UsageError, match="--live"):
        switching_between(Camera(10, live=False))


def test_there_is_no_input_of_another_number() -> None:
    with closing(switching_between(Camera(10), lambda: Camera(20))) as source:
        for number in (-1, 2):
            with pytest.raises(IndexError):
                source.choose(number)
        assert source.names == ("first", "other 1")


def test_names_are_short_different_and_without_secrets() -> None:
    names = names_of(
        [
            "demo",
            "/home/me/films/street.mp4",
            "other/street.mp4",
            "rtsp://me:pw@cam.local:554/stream?token=x",
            "rtsp://cam/user=me_password=pw_channel=1",
            "file:///films/sea.mp4",
            "https://host/" + "long/" * 40,
        ]
    )
    assert names[:4] == ["demo", "street.mp4", "street.mp4 (2)", "rtsp://cam.local:554/stream"]
    assert "pw" not in names[4]
    assert names[5] == "sea.mp4"
    assert len(names[6]) == 60
