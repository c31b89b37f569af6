"""A source that comes back: connections that fail, end, hang and return, made by hand."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from made_by_hand import BOUND, MadeByHand, frames

from streamdepth.backoff import Backoff
from streamdepth.errors import NoFrameYet, SourceError, SourceMissing, SourceTimeout, Trouble
from streamdepth.frames import Frame, SourceState
from streamdepth.pixels import sum_of
from streamdepth.protocols import Source, Watched
from streamdepth.sources.live import reconnecting as _reconnecting
from streamdepth.sources.live import reconnection as _reconnection
from streamdepth.sources.live.patience import Connecting
from streamdepth.sources.live.reconnecting import (
    Persistence,
    ReconnectingSource,
    open_reconnecting,
)

REFUSED = SourceError("nothing listens there", "turn it on", Trouble.REFUSED)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_reconnection, "BACKOFF", Backoff((), 0.05, 0.0, 0.0))


class Connection(MadeByHand):
    """Gives a few pictures, each another unless it is `still`."""

    def __init__(
        self,
        count: int = 3,
        size: tuple[int, int] = (64, 48),
        *,
        still: bool = False,
        at: float | None = None,
        **more: Any,
    ) -> None:
        """`at` is when its pictures are captured, where the time that this machine takes must not count."""
        super().__init__(count, size, read_timeout=1.0, **more)
        self.warnings: list[str] = []
        self._still, self._at = still, at

    def draw(self, index: int) -> np.ndarray:
        seed = 0 if self._still else index
        shape = (self.info.height, self.info.width, 3)
        return np.random.default_rng(seed).integers(0, 255, shape, dtype=np.uint8)

    def read(self) -> Frame | None:
        frame = super().read()
        return frame if frame is None or self._at is None else replace(frame, captured_at=self._at)


def connecting(*outcomes: Connection | SourceError) -> Callable[[], Connection]:
    """Opens one after the other; the last one again and again."""
    left = list(outcomes)

    def connect() -> Connection:
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, SourceError):
            raise outcome
        return outcome

    return connect


def opened(
    *outcomes: Connection | SourceError,
    persistence: Persistence | None = None,
    told: list[str] | None = None,
) -> ReconnectingSource:
    notify = [].append if told is None else told.append
    source = open_reconnecting(
        connecting(*outcomes), "rtsp://cam/1", persistence or Persistence(), notify=notify
    )
    assert isinstance(source, ReconnectingSource)
    return source


def take(source: ReconnectingSource, count: int) -> list[Frame]:
    return list(islice(frames(source), count))


def read_until(source: ReconnectingSource, holds: Callable[[], bool]) -> None:
    """Ask for pictures, of which none comes, until something holds."""
    give_up_at = time.monotonic() + BOUND
    while not holds():
        assert time.monotonic() < give_up_at
        with pytest.raises(NoFrameYet):
            source.read()


@pytest.mark.parametrize("end", [None, REFUSED, SourceTimeout("it is silent", "look")])
def test_a_connection_that_ends_is_made_again(end: SourceError | None) -> None:
    first, second = Connection(3, end=end), Connection(3, hangs=True)
    with closing(opened(first, REFUSED, REFUSED, second)) as source:
        assert source.info.live is True
        found = take(source, 6)
        assert source.condition.state is SourceState.LIVE
        assert source.outages.reconnects == 1
        assert source.outages.seconds > 0.05
        assert first.closed.is_set()
        second.release.set()
    assert [frame.index for frame in found] == list(range(6))
    assert [frame.connection for frame in found] == [0, 0, 0, 1, 1, 1]
    times = [frame.pts for frame in found]
    assert times == sorted(set(times))
    assert times[0] == 0
    assert float(times[3]) == pytest.approx(found[3].captured_at - found[0].captured_at, abs=1e-3)
    assert source.warnings[-1].endswith("it came back once")


def test_while_it_is_away_its_condition_says_why_and_since_when() -> None:
    with closing(opened(Connection(2), REFUSED)) as source:
        last = take(source, 2)[-1]
        assert isinstance(source, Watched)
        read_until(source, lambda: source.condition.reason == "connection refused")
        assert source.condition.state is SourceState.AWAY
        assert source.condition.since == last.captured_at
        assert source.outages.reconnects == 0
        away = source.outages.seconds
    assert source.outages.seconds >= away > 0


def test_one_line_tells_the_loss_and_one_the_return() -> None:
    told: list[str] = []
    first, second = Connection(1, at=100.0), Connection(1, at=103.0, hangs=True)
    with closing(opened(first, REFUSED, REFUSED, REFUSED, second, told=told)) as source:
        take(source, 2)
        second.release.set()
    assert told == [
        "rtsp://cam/1 ended the stream; it is tried again until it is back",
        "nothing listens there; it is tried again until it is back (turn it on)",
        "rtsp://cam/1 is back after 3 s",
    ]


def test_reasons_that_alternate_are_told_once_an_outage() -> None:
    told: list[str] = []
    silent = SourceTimeout("it does not answer", "look", Trouble.TIMEOUT)
    first, second, third = (Connection(1, at=at, hangs=at == 106.0) for at in (100.0, 103.0, 106.0))
    tries = (first, REFUSED, silent, REFUSED, silent, second, REFUSED, silent, REFUSED, third)
    with closing(opened(*tries, told=told)) as source:
        take(source, 3)
        third.release.set()
    outage = [
        "rtsp://cam/1 ended the stream; it is tried again until it is back",
        "nothing listens there; it is tried again until it is back (turn it on)",
        "it does not answer; it is tried again until it is back (look)",
        "rtsp://cam/1 is back after 3 s",
    ]
    assert told == outage + outage


def test_nothing_is_kept_of_a_connection_that_was_lost(until: Any) -> None:
    broken = SourceError("it broke off", "look after it", Trouble.ENDED)
    first, second = Connection(1, end=broken), Connection(1, hangs=True)
    lost = weakref.ref(first)
    connect = connecting(first, second)
    del first, broken
    gc.disable()
    try:
        source = open_reconnecting(connect, "rtsp://cam/1", Persistence())
        with closing(source):
            take(source, 2)
            second.release.set()
            until(lambda: lost() is None)  # its thread may be about to end
    finally:
        gc.enable()


def test_another_size_is_fitted_into_the_first() -> None:
    second = Connection(1, (100, 48), hangs=True)
    with closing(opened(Connection(1), second)) as source:
        first, other = take(source, 2)
        second.release.set()
    for frame in (first, other):
        assert (frame.picture.width, frame.picture.height) == (64, 48)
    assert not other.bgr[:8].any()
    assert other.bgr[20:28].any()


def test_pixels_of_another_shape_get_that_of_the_first() -> None:
    second = Connection(1, (64, 64), hangs=True)
    second.info = replace(second.info, sample_aspect=Fraction(4, 3))
    with closing(opened(Connection(1), second)) as source:
        other = take(source, 2)[-1]
        second.release.set()
    assert (other.picture.width, other.picture.height) == (64, 48)
    assert (other.picture.inner, other.pixel_aspect) == (None, 1), "both are 4:3"


def test_a_read_that_hangs_is_left_behind_and_closes_itself_when_it_returns() -> None:
    now, hung, second = [100.0], Connection(1, hangs=True), Connection(1, hangs=True)
    source = ReconnectingSource(hung, lambda: second, "rtsp://cam/1", Persistence(), clock=lambda: now[0])
    with closing(source):
        take(source, 1)
        now[0] += 7.0
        with pytest.raises(NoFrameYet):
            source.read()
        assert source.condition.reason == "no more pictures"
        now[0] += 1.0  # it is tried again
        take(source, 1)
        assert not hung.closed.is_set()
        hung.release.set()
        assert hung.closed.wait(BOUND)
        second.release.set()
    assert second.closed.wait(BOUND)


def test_a_first_frame_that_lay_waiting_is_no_silence() -> None:
    first = Connection(1, hangs=True)
    long_ago = time.monotonic() - 100.0
    waited = first.read()
    assert waited is not None
    handed_out = iter([replace(waited, captured_at=long_ago)])
    first.read = lambda: next(handed_out, None) or (first.release.wait(BOUND) and None)  # type: ignore[method-assign]
    with closing(opened(first)) as source:
        take(source, 1)
        for _ in range(3):
            with pytest.raises(NoFrameYet):
                source.read()
        assert source.condition.state is SourceState.LIVE
        first.release.set()


def test_a_connection_that_hangs_while_it_is_made_is_left_behind() -> None:
    now, release, begun = [100.0], threading.Event(), threading.Event()
    late, good = Connection(), Connection(1, hangs=True)

    def hang() -> Connection:
        begun.set()
        release.wait(BOUND)
        return late

    outcomes = iter([hang, lambda: good])
    source = ReconnectingSource(
        Connection(1), lambda: next(outcomes)(), "rtsp://cam/1", Persistence(), clock=lambda: now[0]
    )
    with closing(source):
        take(source, 1)
        read_until(source, lambda: source.condition.state is SourceState.AWAY)
        now[0] += 1.0  # it is tried again
        read_until(source, begun.is_set)
        now[0] += 101.0
        read_until(source, lambda: source.condition.reason == "no answer")
        now[0] += 1.0
        take(source, 1)
        release.set()
        assert late.closed.wait(BOUND)
        good.release.set()


def test_without_reconnection_an_error_ends_it_as_it_is() -> None:
    with closing(opened(Connection(1, end=REFUSED), persistence=Persistence(reconnect=False))) as source:
        with pytest.raises(SourceError, match="nothing listens") as caught:
            take(source, 2)
        assert caught.value is REFUSED


def test_without_reconnection_an_end_is_an_end() -> None:
    with closing(opened(Connection(2), persistence=Persistence(reconnect=False))) as source:
        assert len(take(source, 5)) == 2


def test_without_reconnection_a_read_that_hangs_is_a_timeout() -> None:
    hung = Connection(1, hangs=True)
    persistence = Persistence(reconnect=False, read_patience=0.2)
    with closing(opened(hung, persistence=persistence)) as source:
        with pytest.raises(SourceTimeout, match="sends no more pictures"):
            take(source, 2)
        hung.release.set()


def test_an_error_that_is_no_source_s_is_not_hidden() -> None:
    with closing(opened(Connection(1, end=ZeroDivisionError("a mistake")))) as source:
        take(source, 1)
        with pytest.raises(ZeroDivisionError, match="a mistake"):
            take(source, 1)


def test_a_recording_comes_as_it_is() -> None:
    recording = Connection(live=False)
    assert open_reconnecting(connecting(recording), "http://a/b.mp4", Persistence()) is recording


def test_a_first_connection_that_fails_is_an_error() -> None:
    with pytest.raises(SourceError, match="nothing listens"):
        opened(REFUSED)


def test_a_slow_camera_is_not_silent_before_its_next_picture_is_due() -> None:
    now = [100.0]
    for rate, patience in ((Fraction(25), 6.0), (Fraction(1, 10), 26.0)):
        first = Connection(1, hangs=True)
        first.info = replace(first.info, rate=rate)
        source = ReconnectingSource(first, Connection, "rtsp://cam/1", Persistence(), clock=lambda: now[0])
        with closing(source):
            take(source, 1)
            for waited, state in ((patience - 0.5, SourceState.LIVE), (patience + 0.5, SourceState.AWAY)):
                now[0] = source._heard_at + waited
                with pytest.raises(NoFrameYet):
                    source.read()
                assert source.condition.state is state
            first.release.set()


def test_a_slow_camera_that_was_taken_for_lost_has_more_time_the_next_time() -> None:
    now, made, patiences = [100.0], [Connection(1, hangs=True) for _ in range(2)], []

    def connect(patience: float) -> Source:
        patiences.append(patience)
        return made[len(patiences) - 1]

    def state_after(seconds: float) -> SourceState:
        now[0] = source._heard_at + seconds
        with pytest.raises(NoFrameYet):
            source.read()
        return source.condition.state

    again = Connecting(connect)
    source = ReconnectingSource(again(), again, "rtsp://cam/1", Persistence(), clock=lambda: now[0])
    with closing(source):
        take(source, 1)
        assert state_after(7.0) is SourceState.AWAY
        now[0] += 5.0  # it is tried again
        take(source, 1)
        assert state_after(10.5) is SourceState.LIVE
        assert state_after(11.5) is SourceState.AWAY
        for connection in made:
            connection.release.set()
    assert (patiences, again.patience) == ([0.0, 10.0], 20.0)


def test_the_first_connection_is_waited_for_on_request_and_each_reason_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    pauses: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: float(len(pauses)), sleep=pauses.append)
    monkeypatch.setattr(_reconnecting, "time", clock)
    waiting = Persistence(wait_for_source=True)
    missing = SourceMissing("the host is not known", "spell it", Trouble.UNKNOWN_HOST)
    tries = (REFUSED, REFUSED, missing, REFUSED, missing, missing, Connection(1))
    with closing(opened(*tries, persistence=waiting, told=told)) as source:
        assert take(source, 1)[0].pts == 0
    assert told == [
        "nothing listens there; it is tried again until it is there (turn it on)",
        "the host is not known; it is tried again until it is there (spell it)",
        "rtsp://cam/1 is there after 6 s",
    ]


def test_an_address_of_an_unknown_kind_is_not_waited_for() -> None:
    unknown = SourceError("it cannot be read here", "use rtsp://", Trouble.KIND_OF_ADDRESS)
    with pytest.raises(SourceError, match="cannot be read here"):
        opened(unknown, persistence=Persistence(wait_for_source=True))


def test_a_first_connection_that_hangs_is_a_timeout() -> None:
    release = threading.Event()
    late = Connection()

    def connect() -> Connection:
        release.wait(BOUND)
        return late

    with pytest.raises(SourceTimeout, match="could not be opened within"):
        open_reconnecting(connect, "rtsp://cam/1", Persistence(open_patience=0.1))
    release.set()
    assert late.closed.wait(BOUND)


def test_a_first_connection_that_hangs_is_left_behind_once_the_run_is_to_end() -> None:
    release, begun, late = threading.Event(), threading.Event(), Connection()

    def connect() -> Connection:
        begun.set()
        release.wait(BOUND)
        return late

    waiting = Persistence(wait_for_source=True, open_patience=2 * BOUND)
    with pytest.raises(SourceTimeout, match="the run was ended first"):
        open_reconnecting(connect, "rtsp://cam/1", waiting, is_stopped=begun.is_set)
    assert not late.closed.is_set()
    release.set()
    assert late.closed.wait(BOUND)


def test_the_same_picture_again_and_again_is_told_as_frozen_until_it_changes() -> None:
    frozen = Connection(40, still=True, hangs=True)
    persistence = Persistence(frozen_after=0.000001)
    with closing(opened(frozen, persistence=persistence)) as source:
        assert take(source, 1)
        assert source.condition.state is SourceState.LIVE
        first_repeated = take(source, 2)[0]
        assert source.condition.state is SourceState.FROZEN
        assert source.condition.since < first_repeated.captured_at
        assert source.outages.seconds == 0
        frozen.release.set()


class Renewed(Connection):
    """Gives the pictures of these numbers, one a second."""

    def __init__(self, numbers: list[int], kind: str) -> None:
        super().__init__(len(numbers), hangs=True)
        self.info = replace(self.info, kind=kind)
        self._numbers = numbers

    def draw(self, index: int) -> np.ndarray:
        return super().draw(self._numbers[index - 1])

    def read(self) -> Frame | None:
        frame = super().read()
        return frame if frame is None else replace(frame, captured_at=float(frame.index))


@pytest.mark.parametrize(
    ("kind", "frozen"),
    [
        ("snapshot", [*range(10, 15), *range(68, 80)]),
        ("video", [*range(10, 15), *range(25, 30), *range(40, 80)]),
    ],
)
def test_a_camera_that_renews_its_picture_now_and_then_is_called_frozen_once(kind: str, frozen: list[int]):
    source = Renewed([0] * 15 + [1] * 15 + [2] * 50, kind)
    with closing(opened(source)) as watched:
        states = [watched.condition.state for _ in islice(frames(watched), 80)]
        source.release.set()
    assert [second for second, state in enumerate(states) if state is SourceState.FROZEN] == frozen


def test_nothing_is_frozen_on_request() -> None:
    frozen = Connection(10, still=True, hangs=True)
    with closing(opened(frozen, persistence=Persistence(frozen_after=0))) as source:
        take(source, 10)
        assert source.condition.state is SourceState.LIVE
        frozen.release.set()


def test_closing_ends_its_threads(until: Any) -> None:
    before = set(threading.enumerate())
    source = opened(Connection(1000))
    take(source, 3)
    source.close()
    until(lambda: set(threading.enumerate()) <= before)


def test_one_that_stands_by_has_the_newest_picture_once_it_is_read() -> None:
    first = Connection(5, hangs=True)
    newest = Connection(5).draw(5)
    with closing(opened(first)) as source:
        source.stand_by()
        assert first.hung.wait(BOUND)
        assert np.array_equal(next(frames(source)).bgr, newest)
        first.release.set()


def test_one_that_stands_by_keeps_its_only_picture() -> None:
    first = Connection(1, hangs=True)
    with closing(opened(first)) as source:
        source.stand_by()
        assert next(frames(source)).bgr.any()
        first.release.set()


def test_once_it_is_read_one_that_stood_by_loses_none() -> None:
    first = Connection(1, hangs=True)
    with closing(opened(first, Connection(1000))) as source:
        source.stand_by()
        take(source, 1)
        first.release.set()
        given = [sum_of(frame.picture) for frame in take(source, 20)]
    drawn = Connection(20)
    assert given == [sum_of(frame.picture) for frame in frames(drawn)]


class Patient(Connection):
    """Says after its first picture that there is none yet, as a camera that is asked every five minutes."""

    def read(self) -> Frame | None:
        if self._index:
            raise NoFrameYet
        return super().read()


def test_a_source_that_says_itself_that_it_waits_is_not_silent():
    now = [0.0]
    source = ReconnectingSource(Patient(), Patient, "http://cam/1.jpg", Persistence(), clock=lambda: now[0])
    with closing(source):
        next(frames(source))
        for _ in range(3):
            now[0] += 300.0
            with pytest.raises(NoFrameYet):
                source.read()
        assert source.condition.state is SourceState.LIVE


def test_a_camera_of_few_pictures_whose_user_says_so_is_there_between_them():
    now = [0.0]
    hanging = Connection(1, hangs=True)
    connect = Connecting(lambda _seconds: hanging, asked=750.0)
    source = ReconnectingSource(connect(), connect, "http://cam/1", Persistence(), clock=lambda: now[0])
    with closing(source):
        next(frames(source))
        for at, state in [(300.0, SourceState.LIVE), (749.0, SourceState.LIVE), (752.0, SourceState.AWAY)]:
            now[0] = at
            with pytest.raises(NoFrameYet):
                source.read()
            assert source.condition.state is state
    hanging.release.set()
