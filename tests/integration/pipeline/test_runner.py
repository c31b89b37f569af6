from __future__ import annotations

import threading
import time
from fractions import Fraction

import numpy as np
import pytest

from streamdepth.errors import SinkError, SourceError, StageStuck, StopRequested, ViewerLeft
from streamdepth.frames import DepthMap, Estimate, Frame, LeftOff, Rendered, SourceInfo
from streamdepth.pipeline import Limits, Pipeline, inference
from streamdepth.pipeline import runner as runner_module
from streamdepth.pixels import Picture, sum_of

BOUND = 10.0
IMAGE = np.zeros((4, 6, 3), np.uint8)


class FakeSource:
    """Gives `count` frames; a live one paces itself by `interval`."""

    def __init__(self, count=10, *, live=False, interval=0.0, fail_at=None, hang_at=None):
        self.info = SourceInfo(6, 4, Fraction(25), live, read_timeout=1.0)
        self.count, self.interval = count, interval
        self.fail_at, self.hang_at = fail_at, hang_at
        self.index = 0
        self.closed_by = []
        self.release = threading.Event()

    def read(self):
        if self.index == self.fail_at:
            raise SourceError("the cable is out", "plug it in")
        if self.index == self.hang_at:
            self.release.wait(BOUND)
        if self.index == self.count:
            return None
        if self.interval:
            self.release.wait(self.interval)
        frame = Frame(self.index, Fraction(self.index, 25), time.monotonic(), Picture.of_bgr(IMAGE))
        self.index += 1
        return frame

    def close(self):
        self.closed_by.append(threading.current_thread().name)


class FakeEngine:
    def __init__(self, seconds=0.0, fail_at=None):
        self.seconds, self.fail_at, self.calls = seconds, fail_at, 0
        self.pause = threading.Event()

    def estimate(self, image):
        if self.calls == self.fail_at:
            raise RuntimeError("the network broke")
        self.calls += 1
        if self.seconds:
            self.pause.wait(self.seconds)
        return DepthMap(np.zeros((2, 3), np.float32))


class FakeSink:
    def __init__(self, fail_at=None, leave_at=None, on_write=None):
        self.indices, self.ages, self.closed = [], [], []
        self.fail_at, self.leave_at, self.on_write = fail_at, leave_at, on_write

    def write(self, rendered):
        if len(self.indices) == self.fail_at:
            raise SinkError("the disk is full", "make room")
        if len(self.indices) == self.leave_at:
            raise ViewerLeft
        self.indices.append(rendered.estimate.frame.index)
        self.ages.append(time.monotonic() - rendered.estimate.frame.captured_at)
        if self.on_write:
            self.on_write()

    def close(self, *, complete=True):
        self.closed.append(complete)


def draw(estimate):
    return Rendered(estimate, estimate.frame.picture)


def adds_up(stats):
    return stats.captured == stats.dropped + stats.inferred


class ArrayEngine(FakeEngine):
    def __init__(self):
        super().__init__()
        self.given = []

    def estimate(self, image):
        self.given.append(image)
        return super().estimate(image)


class AnyLayoutEngine(ArrayEngine):
    def estimate_picture(self, picture):
        return self.estimate(picture)


class ShownSink(FakeSink):
    """Notes how long each frame is shown."""

    def __init__(self, shown):
        super().__init__()
        self.shown = shown

    def write(self, rendered):
        super().write(rendered)
        self.shown.append(rendered.estimate.frame.shown_for)


class ViewerSink(FakeSink):
    is_for_viewers = True


def test_who_watches_has_a_picture_before_a_file_that_is_named_first_and_the_file_is_closed_first():
    told = []
    file, viewer = (
        FakeSink(on_write=lambda: told.append("file")),
        ViewerSink(on_write=lambda: told.append("viewer")),
    )
    for name, sink in (("file", file), ("viewer", viewer)):
        sink.close = lambda *, complete=True, name=name: told.append(f"{name} closed")
    Pipeline(FakeSource(2), FakeEngine(), draw).run([file, viewer])
    assert told == ["viewer", "file"] * 2 + ["file closed", "viewer closed"]


def test_the_picture_at_which_a_viewer_leaves_is_the_last_of_the_film_and_counted():
    film, window = FakeSink(), ViewerSink(leave_at=3)
    stats = Pipeline(FakeSource(9), FakeEngine(), draw).run([film, window])
    assert (window.indices, film.indices) == ([0, 1, 2], [0, 1, 2, 3])
    assert stats.written == 4


def test_an_engine_gets_bgr_arrays_unless_it_takes_pictures_as_they_come():
    arrays, pictures = ArrayEngine(), AnyLayoutEngine()
    for engine in (arrays, pictures):
        Pipeline(FakeSource(3), engine, draw).run([FakeSink()])
    assert all(given is IMAGE for given in arrays.given)
    assert [type(given) for given in pictures.given] == [Picture] * 3


def test_every_frame_of_a_file_arrives_once_and_in_order():
    source, sink = FakeSource(50), FakeSink()
    stats = Pipeline(source, FakeEngine(), draw).run([sink])
    assert sink.indices == list(range(50))
    assert (stats.captured, stats.inferred, stats.rendered, stats.written) == (50, 50, 50, 50)
    assert stats.dropped == 0
    assert sink.closed == [True]
    assert source.closed_by == ["streamdepth-capture"]


def test_a_live_source_drops_what_is_not_the_newest_and_counts_it():
    inference, interval, behind = 0.3, 1 / 20, []
    source = FakeSource(60, live=True, interval=interval)
    sink = FakeSink(on_write=lambda: behind.append(source.index - sink.indices[-1]))
    stats = Pipeline(source, FakeEngine(inference), draw).run([sink])
    assert stats.captured == 60
    assert stats.dropped_by["superseded"] > 30
    assert adds_up(stats)
    assert sink.indices == sorted(set(sink.indices))
    assert sorted(behind)[len(behind) // 2] < 2 * inference / interval
    assert sink.closed == [True]


def test_a_picture_that_its_pace_leaves_out_is_not_inferred_and_counted():
    source, engine, sink = FakeSource(12), FakeEngine(), FakeSink()
    stats = Pipeline(source, engine, draw, pace=lambda frame: frame.index % 3 == 2).run([sink])
    assert sink.indices == [2, 5, 8, 11]
    assert (engine.calls, stats.dropped_by) == (4, {"interval": 8})
    assert adds_up(stats)


def test_a_live_frame_that_has_grown_stale_is_not_inferred():
    now = [0.0]

    class OldSource(FakeSource):
        def read(self):
            frame = super().read()
            return frame and Frame(frame.index, frame.pts, now[0] - 0.6, frame.picture)

    engine = FakeEngine()
    stats = Pipeline(OldSource(3, live=True), engine, draw, clock=lambda: now[0]).run([FakeSink()])
    assert engine.calls == 0
    assert stats.dropped_by.get("stale", 0) >= 1
    assert adds_up(stats)


def test_an_old_picture_is_inferred_where_none_comes_after_it(monkeypatch):
    """The one picture of a camera that gives the next in an hour, which waits while the network is loaded."""
    monkeypatch.setattr(inference, "STALE_AFTER", 0.05)

    class RareSource(FakeSource):
        def read(self):
            if self.index == 1:
                assert shown.wait(BOUND), "its next picture is an hour away"
            frame = super().read()
            return frame and Frame(frame.index, frame.pts, time.monotonic() - 0.6, frame.picture)

    shown, sink = threading.Event(), FakeSink(on_write=lambda: shown.set())
    stats = Pipeline(RareSource(2, live=True), FakeEngine(), draw).run([sink])
    assert sink.indices[0] == 0
    assert adds_up(stats)


def test_a_live_frame_is_chosen_only_when_the_sink_can_take_its_depth():
    # With a sink slower than the network no inference may be wasted on depth that nobody shows.
    source = FakeSource(60, live=True, interval=1 / 120)
    hold = threading.Event()
    sink = FakeSink(on_write=lambda: hold.wait(0.05))
    stats = Pipeline(source, FakeEngine(0.005), draw).run([sink])
    assert stats.inferred == stats.written
    assert adds_up(stats)


@pytest.mark.parametrize("live", [False, True])
def test_an_error_of_the_source_ends_the_run_and_reaches_the_caller(live):
    source, sink = FakeSource(20, live=live, interval=0.005, fail_at=5), FakeSink()
    with pytest.raises(SourceError, match="cable"):
        Pipeline(source, FakeEngine(), draw).run([sink])
    assert sink.closed == [False]
    assert len(source.closed_by) == 1
    if not live:
        assert sink.indices == [0, 1, 2, 3, 4]


def test_an_error_of_the_network_ends_the_run_and_the_counts_still_add_up():
    pipeline = Pipeline(FakeSource(20), FakeEngine(fail_at=3), draw)
    sink = FakeSink()
    with pytest.raises(RuntimeError, match="network broke"):
        pipeline.run([sink])
    stats = pipeline._stats.snapshot()
    assert adds_up(stats)
    assert stats.dropped_by["failed"] == 1
    assert sink.closed == [False]


def test_an_error_of_one_sink_closes_all_sinks():
    broken, other = FakeSink(fail_at=2), FakeSink()
    with pytest.raises(SinkError, match="disk is full"):
        Pipeline(FakeSource(1000), FakeEngine(), draw).run([other, broken])
    assert broken.closed == other.closed == [False]


def test_the_first_failure_wins_over_one_on_closing():
    class BadToClose(FakeSink):
        def close(self, *, complete=True):
            super().close(complete=complete)
            raise SinkError("cannot close", "")

    sinks = [BadToClose(fail_at=0), FakeSink()]
    with pytest.raises(SinkError, match="disk is full"):
        Pipeline(FakeSource(5), FakeEngine(), draw).run(sinks)
    assert sinks[1].closed == [False]


def test_a_closed_window_ends_the_run_without_an_error():
    sink = FakeSink(leave_at=3)
    stats = Pipeline(FakeSource(None, live=True, interval=0.001), FakeEngine(), draw).run([sink])
    assert stats.written == 3
    assert adds_up(stats)
    assert sink.closed == [True]


def test_a_file_whose_viewer_left_is_not_complete():
    sink = FakeSink(leave_at=3)
    Pipeline(FakeSource(500), FakeEngine(), draw).run([sink])
    assert sink.closed == [False]


def test_stop_ends_a_run_of_a_file_early_and_says_so_to_the_sink():
    sink = FakeSink(on_write=lambda: pipeline.stop())
    pipeline = Pipeline(FakeSource(10_000), FakeEngine(), draw)
    stats = pipeline.run([sink])
    assert stats.written == 1
    assert adds_up(stats)
    assert sink.closed == [False]


def test_a_keyboard_interrupt_closes_everything_and_is_raised():
    def interrupt():
        raise KeyboardInterrupt

    source, sink = FakeSource(10_000), FakeSink(on_write=interrupt)
    with pytest.raises(KeyboardInterrupt):
        Pipeline(source, FakeEngine(), draw).run([sink])
    assert sink.closed == [False]
    assert len(source.closed_by) == 1


def test_a_read_that_never_returns_raises_stage_stuck_with_its_name(monkeypatch):
    monkeypatch.setattr(runner_module, "READ_MARGIN", -0.9)
    monkeypatch.setattr(runner_module, "JOIN_TIMEOUT", 0.05)
    source, sink = FakeSource(10, live=True, hang_at=2), FakeSink()
    with pytest.raises(StageStuck, match="capture"):
        Pipeline(source, FakeEngine(), draw).run([sink])
    assert len(sink.closed) == 1
    source.release.set()


def test_a_read_that_hangs_is_noticed_as_soon_as_all_that_was_read_before_is_written(monkeypatch):
    monkeypatch.setattr(runner_module, "READ_MARGIN", 0.5)
    monkeypatch.setattr(runner_module, "JOIN_TIMEOUT", 0.05)
    hangs, now = threading.Event(), [0.0]

    class Hanging(FakeSource):
        def read(self):
            if self.index == self.hang_at:
                hangs.set()
            return super().read()

    def written():
        assert hangs.wait(BOUND)
        now[0] += 0.5  # as long as the sink takes, and not a moment passes afterwards

    source, sink = Hanging(10, hang_at=4), FakeSink(on_write=written)
    with pytest.raises(StageStuck, match="capture"):
        Pipeline(source, FakeEngine(), draw, clock=lambda: now[0]).run([sink])
    assert sink.indices == [0, 1, 2, 3]
    source.release.set()


def test_an_inference_that_never_returns_raises_stage_stuck_with_its_name(monkeypatch):
    monkeypatch.setattr(runner_module, "JOIN_TIMEOUT", 0.05)
    engine, sink = FakeEngine(BOUND), FakeSink()
    with pytest.raises(StageStuck, match="inference"):
        Pipeline(FakeSource(5), engine, draw, limits=Limits(inference_timeout=0.05)).run([sink])
    assert sink.closed == [False]
    engine.pause.set()


def test_stop_does_not_wait_for_a_read_that_hangs(monkeypatch):
    monkeypatch.setattr(runner_module, "JOIN_TIMEOUT", 0.05)
    source = FakeSource(10, live=True, hang_at=1)
    pipeline = Pipeline(source, FakeEngine(), draw)
    sink = FakeSink(on_write=lambda: pipeline.stop())
    pipeline.run([sink])
    assert sink.closed == [True]
    source.release.set()


def test_sinks_are_polled_while_no_frame_comes():
    class Window(FakeSink):
        polls = 0

        def poll(self):
            self.polls += 1
            if self.polls == 3:
                raise ViewerLeft

    source, window = FakeSource(10, live=True, hang_at=0), Window()
    source.info = SourceInfo(6, 4, None, True, read_timeout=BOUND)
    Pipeline(source, FakeEngine(), draw).run([window])
    source.release.set()
    assert window.polls == 3
    assert window.closed == [True]


def test_frames_limits_a_file_exactly():
    sink = FakeSink()
    stats = Pipeline(FakeSource(50), FakeEngine(), draw, limits=Limits(frames=7)).run([sink])
    assert sink.indices == list(range(7))
    assert stats.captured == 7
    assert sink.closed == [True]


def test_frames_limits_a_live_source_to_so_many_shown():
    sink = FakeSink()
    stats = Pipeline(
        FakeSource(None, live=True, interval=0.001), FakeEngine(0.005), draw, limits=Limits(frames=4)
    ).run([sink])
    assert len(sink.indices) == 4
    assert adds_up(stats)
    assert sink.closed == [True]


def test_duration_ends_a_file_by_its_own_timestamps():
    sink = FakeSink()
    Pipeline(FakeSource(50), FakeEngine(), draw, limits=Limits(duration=Fraction(1))).run([sink])
    assert sink.indices == list(range(25))
    assert sink.closed == [True]


class WaitedSource(FakeSource):
    """A live one whose first frame was captured while the network was loaded, five seconds before the others.

    Each of these comes once the one before is shown.
    """

    def __init__(self):
        super().__init__(None, live=True)
        self.shown = threading.Semaphore(0)

    def read(self):
        assert self.index < 2 or self.shown.acquire(timeout=BOUND)
        frame = super().read()
        if frame.index == 0:
            return Frame(0, Fraction(0), time.monotonic() - 5.0, frame.picture)
        return Frame(frame.index, 5 + frame.pts, frame.captured_at, frame.picture)


class TimedSink(FakeSink):
    def __init__(self, on_write=None):
        super().__init__(on_write=on_write)
        self.times = []

    def write(self, rendered):
        super().write(rendered)
        self.times.append(rendered.estimate.frame.pts)


def test_duration_of_a_live_source_counts_from_the_first_picture_that_is_worked_on(monkeypatch):
    monkeypatch.setattr(inference, "STALE_AFTER", 4.0)  # for so long the second picture is waited for
    source = WaitedSource()
    sink = TimedSink(on_write=source.shown.release)
    stats = Pipeline(source, FakeEngine(), draw, limits=Limits(duration=Fraction(2))).run([sink])
    assert sink.times == [5 + Fraction(number, 25) for number in range(1, 51)]
    assert sink.closed == [True]
    assert adds_up(stats)


def test_what_was_captured_beyond_the_duration_while_the_first_picture_was_worked_on_is_not_shown():
    class SlowAtFirst(FakeEngine):
        def estimate(self, image):
            self.seconds = 0.5 if self.calls == 0 else 0.0
            return super().estimate(image)

    sink = TimedSink()
    source = FakeSource(None, live=True, interval=0.002)  # 40 ms of film in each 2 ms
    limits = Limits(duration=Fraction(1))
    Pipeline(source, SlowAtFirst(), draw, limits=limits).run([sink])
    assert sink.times[-1] - sink.times[0] < 1


@pytest.mark.parametrize(("stopped", "told"), [(True, True), (False, False)])
def test_whether_a_run_was_stopped_is_known(stopped, told):
    sink = FakeSink(leave_at=1) if stopped else FakeSink()
    pipeline = Pipeline(FakeSource(5), FakeEngine(), draw)
    pipeline.run([sink])
    assert pipeline.was_stopped is told


def test_max_fps_thins_by_timestamps_and_counts_what_it_left_out():
    sink = FakeSink()
    stats = Pipeline(FakeSource(50), FakeEngine(), draw, limits=Limits(max_fps=Fraction(10))).run([sink])
    assert sink.indices == [0, 3, 5, 8, 10, 13, 15, 18, 20, 23, 25, 28, 30, 33, 35, 38, 40, 43, 45, 48]
    assert stats.dropped_by == {"max-fps": 30}
    assert adds_up(stats)


@pytest.mark.parametrize(
    ("limits", "lasts"),
    [
        (Limits(max_fps=Fraction(1)), 1),
        (Limits(max_fps=Fraction(1), duration=Fraction(3, 2)), Fraction(13, 25)),
        (Limits(max_fps=Fraction(2), frames=3), Fraction(13, 25)),
        (Limits(max_fps=Fraction(25)), None),
        (Limits(), None),
    ],
    ids=["thinned", "with an end", "a few", "as many as there are", "all"],
)
def test_the_last_frame_of_a_thinned_file_is_shown_for_those_behind_it_as_well(limits, lasts):
    shown = []
    Pipeline(FakeSource(50), FakeEngine(), draw, limits=limits).run([ShownSink(shown)])
    assert shown[-1] == lasts


def test_the_last_frame_before_a_failure_is_written_of_a_thinned_file_too():
    sink = FakeSink()
    with pytest.raises(SourceError):
        Pipeline(FakeSource(50, fail_at=30), FakeEngine(), draw, limits=Limits(max_fps=Fraction(1))).run(
            [sink]
        )
    assert sink.indices == [0, 25]


def test_max_fps_at_the_rate_of_the_source_keeps_every_frame():
    sink = FakeSink()
    Pipeline(FakeSource(50), FakeEngine(), draw, limits=Limits(max_fps=Fraction(25))).run([sink])
    assert len(sink.indices) == 50


def test_no_thread_is_left_after_a_run():
    before = set(threading.enumerate())
    Pipeline(FakeSource(20), FakeEngine(), draw).run([FakeSink()])
    assert set(threading.enumerate()) <= before


class FakeInterpolator:
    """Notes what it was asked for; draws between two maps unless told not to."""

    def __init__(self, *, draws=True):
        self.draws, self.last, self.asked, self.reach = draws, -1, [], []

    def __call__(self, estimate):
        self.last = estimate.frame.index
        return draw(estimate)

    def take(self, estimate):
        self.last = estimate.frame.index

    def between(self, frame):
        self.asked.append(frame.index)
        self.reach.append(frame.index - self.last)
        depth = DepthMap(np.zeros((2, 3), np.float32))
        return Rendered(Estimate(frame, depth, 0.0), frame.picture) if self.draws else None


def interpolated(source, engine, sink, interpolator=None, **more):
    interpolator = interpolator or FakeInterpolator()
    return Pipeline(source, engine, interpolator, interpolator=interpolator, **more).run([sink])


def test_a_network_behind_the_camera_leaves_every_picture_shown_when_interpolating():
    source, sink, drawn = FakeSource(60, live=True, interval=1 / 20), FakeSink(), FakeInterpolator()
    stats = interpolated(source, FakeEngine(0.3), sink, drawn)
    assert stats.inferred < 20
    assert stats.written > 2 * stats.inferred
    assert stats.interpolated == len(drawn.asked) <= stats.rendered == stats.written == len(sink.indices)
    assert sink.indices == sorted(set(sink.indices))
    assert max(drawn.reach) > 1
    assert adds_up(stats)


def test_pictures_between_are_shown_sooner_than_estimates():
    def ages(**more):
        sink, drawn = FakeSink(), FakeInterpolator()
        source = FakeSource(60, live=True, interval=1 / 60)
        Pipeline(source, FakeEngine(0.1), drawn, **dict.fromkeys(more, drawn)).run([sink])
        return sorted(sink.ages)

    plain, between = ages(), ages(interpolator=True)
    assert between[len(between) // 2] < plain[len(plain) // 2]


def test_a_network_that_keeps_up_is_not_interpolated():
    source, sink, drawn = FakeSource(30, live=True, interval=1 / 30), FakeSink(), FakeInterpolator()
    stats = interpolated(source, FakeEngine(), sink, drawn)
    assert stats.interpolated == 0
    assert stats.written == stats.inferred


def test_a_picture_that_cannot_be_drawn_is_left_out():
    source, sink = FakeSource(40, live=True, interval=1 / 60), FakeSink()
    stats = interpolated(source, FakeEngine(0.1), sink, FakeInterpolator(draws=False))
    assert stats.interpolated == 0
    assert stats.written <= stats.inferred
    assert adds_up(stats)


def test_a_file_is_never_interpolated():
    sink, drawn = FakeSink(), FakeInterpolator()
    stats = interpolated(FakeSource(20), FakeEngine(0.002), sink, drawn)
    assert drawn.asked == []
    assert stats.written == 20


def test_an_inference_that_hangs_is_noticed_while_pictures_go_on(monkeypatch):
    monkeypatch.setattr(runner_module, "JOIN_TIMEOUT", 0.05)
    engine = FakeEngine(0.04)
    source = FakeSource(None, live=True, interval=0.01)

    def hang_later():
        if engine.calls == 5:
            engine.seconds = BOUND

    with pytest.raises(StageStuck, match="inference"):
        interpolated(source, engine, FakeSink(on_write=hang_later), limits=Limits(inference_timeout=0.3))
    engine.pause.set()


def test_no_thread_is_left_after_a_run_that_interpolates():
    before = set(threading.enumerate())
    interpolated(FakeSource(20, live=True, interval=0.005), FakeEngine(0.02), FakeSink())
    assert set(threading.enumerate()) <= before


def test_a_sink_that_was_asked_to_stop_while_it_waited_ends_the_run_without_an_error():
    sink = FakeSink()

    def give_up():
        raise StopRequested

    sink.on_write = give_up
    pipeline = Pipeline(FakeSource(), FakeEngine(), draw)
    pipeline.run([sink])
    assert pipeline.was_stopped
    assert sink.closed == [False]


def test_what_an_earlier_run_worked_on_is_read_and_not_worked_on_again():
    engine, sink = FakeEngine(), FakeSink()
    picture = Picture.of_bgr(IMAGE)
    left_off = LeftOff(5, Fraction(5, 25), sum_of(picture), 6, Fraction(0))
    stats = Pipeline(FakeSource(10), engine, draw, left_off=left_off).run([sink])
    assert sink.indices == [6, 7, 8, 9]
    assert (engine.calls, stats.captured, sink.closed) == (4, 4, [True])
