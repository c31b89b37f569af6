"""One run: capture and inference in threads of their own, rendering and sinks on the caller's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from streamdepth.errors import NoFrameYet, StageStuck, StopRequested, ViewerLeft
from streamdepth.frames import Estimate, Frame, LeftOff, Rendered
from streamdepth.pipeline.accounts import Accounts
from streamdepth.pipeline.ahead import LookAhead
from streamdepth.pipeline.between import Interleaved
from streamdepth.pipeline.condition import Watcher
from streamdepth.pipeline.inference import Inference, Surroundings, burst_of, engines_for, file_queue
from streamdepth.pipeline.limits import Done, Limits, Thinner, shown_on
from streamdepth.pipeline.stats import RunStats, StatsSnapshot
from streamdepth.pipeline.stills import Reuse
from streamdepth.protocols import (
    STOPPED,
    DepthEngine,
    Foresees,
    ForViewers,
    Interpolator,
    Pollable,
    Renderer,
    Sink,
    Source,
    Witness,
)
from streamdepth.threads.handoff import Ended, Handoff
from streamdepth.threads.watchdog import Watch
from streamdepth.threads.worker import Flag, Worker

POLL_EVERY = 0.05
"""Seconds between two looks after sinks and stages while no frame comes."""
READ_MARGIN = 1.0
JOIN_TIMEOUT = 2.0


class Pipeline:
    """Takes frames from `source` through `engine` and `renderer` to sinks.

    A live source is never waited for: only its newest frame is inferred, one older than half a second where none
    comes after it for as long, and every drop is counted by its cause. Of any other source every frame is inferred, in
    order, several at a time where the engine has lanes.

    A `renderer` that `Foresees` gets the estimates of such a source ahead of those that it draws.

    With `interpolator`, usually the renderer itself, the newest pictures of a live source are shown also while
    inference is behind them, with the last depth moved to them; what was not inferred still counts as dropped.

    `reuse` says which frames have the depth of the last one that was inferred; they count as inferred. `pace` says of
    each picture whether it is to have depth at all; it is asked by the thread that reads.

    With `left_off` frames up to that one are read, and no more: an earlier run worked on them. `witness` records what
    becomes of each frame.
    """

    def __init__(
        self,
        source: Source,
        engine: DepthEngine,
        renderer: Renderer,
        *,
        limits: Limits | None = None,
        stats: RunStats | None = None,
        interpolator: Interpolator | None = None,
        left_off: LeftOff | None = None,
        witness: Witness | None = None,
        reuse: Reuse = Reuse.NEVER,
        pace: Callable[[Frame], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._renderer = renderer
        self._limits = limits or Limits()
        self._stats = stats or RunStats(clock)
        self._clock = clock
        self._info = source.info
        self._stopping = Flag()
        self._source_ended = False
        self._failures: list[BaseException] = []
        self._source_failures: list[BaseException] = []
        self._accounts = Accounts(self._stats, witness)
        live = self._info.live and not self._info.retold
        queue = 1 if live else file_queue(self._info)
        self._frames: Handoff[Frame] = Handoff(
            queue,
            when_full="drop-oldest" if live else "wait",
            burst=burst_of(queue),
            on_drop=self._superseded,
        )
        self._thinner = Thinner(self._limits, live)
        self._held: Frame | None = None
        self._done = Done(left_off, self._thinner)
        self._pace = pace
        self._asked_to_stop = False
        self._watcher = Watcher(source, renderer)
        self._reading = Watch("capture", self._info.read_timeout + READ_MARGIN, clock)
        timeout = self._limits.inference_timeout
        around = Surroundings(self._frames, live, queue, self._accounts, clock, timeout, self._nudge, reuse)
        self._inference = Inference(engines_for(self._info, engine), around)
        estimates = self._inference.estimates
        self._interpolator = interpolator if live else None
        self._between = Interleaved(estimates, interpolator.take) if interpolator and live else None
        self._ahead: LookAhead | None = None
        if isinstance(renderer, Foresees) and not live:
            self._ahead = LookAhead(estimates, renderer, clock)

    @property
    def was_stopped(self) -> bool:
        """Whether the run ended because somebody asked for it: by `stop`, or by closing a window."""
        return self._asked_to_stop

    def stop(self) -> None:
        """Ask the run to end soon, from any thread or a signal handler; `run` then returns normally."""
        self._stopping.set()

    def run(self, sinks: Sequence[Sink]) -> StatsSnapshot:
        """Run to the end of the source, a limit, `stop`, or the first failure, which is raised.

        Every sink is closed exactly once whatever happens, with `complete=False` when a source that is not live
        had more to give. Raises `StageStuck` when a stage outlives its time-out.
        """
        workers = [
            Worker("capture", self._capture, on_error=self._fail),
            *self._inference.workers(on_error=self._fail),
        ]
        self._stats.start()
        for worker in workers:
            worker.start()
        try:
            self._render_all(_viewers_first(sinks))
        except (ViewerLeft, StopRequested):
            self._stopping.set()
        except BaseException as error:
            self._fail(error)
        finally:
            self._wind_down(workers, sinks)
        if self._failures:
            raise self._failures[0]
        return self._stats.snapshot()

    def _superseded(self, frame: Frame) -> None:
        self._accounts.dropped(frame, STOPPED if self._stopping.is_set() else "superseded")

    def _capture(self) -> None:
        try:
            self._read_all(self._thinner)
        except BaseException as error:
            # Of a file, what was read before is good and still written.
            (self._fail if self._info.live else self._source_failures.append)(error)
        finally:
            if self._held is not None and not self._stopping.is_set():
                self._hand_on(self._held)
            self._held = None
            self._frames.close()
            self._source.close()

    def _read_all(self, thinner: Thinner) -> None:
        while not self._stopping.is_set():
            begin = self._clock()
            try:
                with self._reading:
                    frame = self._source.read()
            except NoFrameYet:
                continue
            if frame is not None and self._done.holds(frame):
                continue
            if frame is None or thinner.is_past_end(frame):
                self._source_ended = True
                return
            self._accounts.captured(frame, self._clock() - begin)
            if not thinner.takes(frame):
                self._accounts.dropped(frame, "max-fps")
                self._held = self._held and shown_on(self._held, frame, self._info.rate)
            elif self._pace is not None and not self._pace(frame):
                self._accounts.dropped(frame, "interval")
            elif not self._hand_on_before(frame):
                return

    def _hand_on_before(self, frame: Frame) -> bool:
        """Hand on a frame, or the one before it where how long that is shown was not known until now."""
        if not self._thinner.holds_back:
            return self._hand_on(frame)
        held, self._held = self._held, frame
        return held is None or self._hand_on(held)

    def _hand_on(self, frame: Frame) -> bool:
        taken = self._frames.put(frame)
        if taken and self._between is not None:
            self._between.put(frame)
        return taken

    def _nudge(self) -> None:
        if self._between is not None:
            self._between.nudge()

    def _render_all(self, sinks: Sequence[Sink]) -> None:
        pollable = [sink for sink in sinks if isinstance(sink, Pollable)]
        shown = 0
        while not self._stopping.is_set() and not self._failures:
            try:
                item = (self._between or self._ahead or self._inference.estimates).get(POLL_EVERY)
            except Ended:
                return
            except TimeoutError:
                self._look_after(pollable)
                if not self._stand_in(sinks):
                    return
                continue
            self._reading.look()  # what hangs is told of when all that was there before is written
            self._inference.look()
            if self._info.live and self._thinner.is_past_end(_frame_of(item)):
                return
            shown += self._show(item, sinks)
            del item  # a picture less while the next is waited for
            if self._info.live and shown == self._limits.frames:
                return

    def _look_after(self, pollable: Sequence[Pollable]) -> None:
        self._reading.check()
        self._inference.check()
        for sink in pollable:
            sink.poll()

    def _show(self, item: Estimate | Frame, sinks: Sequence[Sink]) -> bool:
        begin = self._clock()
        rendered = self._draw_between(item) if isinstance(item, Frame) else self._watcher.draw(item, begin)
        if rendered is None:
            return False
        self._thinner.begin(rendered.estimate.frame)
        drawn = self._clock()
        drawing = drawn - begin + (self._ahead.spent() if self._ahead is not None else 0.0)
        self._stats.rendered(drawing)
        left = _handed_out(rendered, sinks)
        if left < len(sinks):
            self._accounts.written(rendered, drawing, self._clock() - drawn)
        if left:
            raise ViewerLeft
        return True

    def _draw_between(self, frame: Frame) -> Rendered | None:
        assert self._interpolator is not None
        self._look_after(())  # such frames come also while inference hangs
        rendered = self._watcher.between(frame, self._interpolator, self._clock())
        if rendered is not None:
            self._stats.interpolated()
        return rendered

    def _stand_in(self, sinks: Sequence[Sink]) -> bool:
        """Show where a source that is away was last; False when the run has lasted as long as it should."""
        rendered = self._watcher.stand_in(self._clock())
        if rendered is None:
            return True
        if self._thinner.is_past_end(rendered.estimate.frame):
            return False
        if _handed_out(rendered, sinks):
            raise ViewerLeft
        return True

    def _wind_down(self, workers: Sequence[Worker], sinks: Sequence[Sink]) -> None:
        self._failures += self._source_failures
        asked_to_stop = self._asked_to_stop = self._stopping.is_set()
        finished = self._source_ended and not asked_to_stop
        self._stopping.set()
        self._frames.abandon()
        self._inference.abandon()
        give_up_at = self._clock() + JOIN_TIMEOUT
        for worker in workers:
            # All at the same time: a stopped process has 8 s, and files need most of them.
            patience = max(0.0, give_up_at - self._clock()) if asked_to_stop else JOIN_TIMEOUT
            self._join(worker, patience, may_be_left=asked_to_stop or self._info.live)
        complete = not self._failures and (self._info.live or finished)
        for sink in sinks:
            try:
                sink.close(complete=complete)
            except BaseException as error:
                self._fail(error)
        self._stats.end()

    def _join(self, worker: Worker, patience: float, *, may_be_left: bool) -> None:
        """Wait for a worker; one that was cut off inside a foreign call is left behind, which is no failure."""
        try:
            worker.join(patience)
        except StageStuck as stuck:
            if not may_be_left and not self._failures:
                self._fail(stuck)

    def _fail(self, error: BaseException) -> None:
        self._failures.append(error)


def _viewers_first(sinks: Sequence[Sink]) -> Sequence[Sink]:
    return sorted(sinks, key=lambda sink: not isinstance(sink, ForViewers))


def _handed_out(rendered: Rendered, sinks: Sequence[Sink]) -> int:
    """How many viewers left meanwhile; all others have the picture all the same, so that it is in the film."""
    left = 0
    for sink in sinks:
        try:
            sink.write(rendered)
        except ViewerLeft:
            left += 1
    return left


def _frame_of(item: Estimate | Frame) -> Frame:
    return item if isinstance(item, Frame) else item.frame
