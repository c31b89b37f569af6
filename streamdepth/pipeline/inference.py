"""The inference stage: frames in, estimates out in their order, by one engine or several side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import lru_cache, partial
from typing import cast

from streamdepth.frames import DepthMap, Estimate, Frame, SourceInfo
from streamdepth.pipeline.accounts import Accounts
from streamdepth.pipeline.stills import Inferred, Reuse, Stills
from streamdepth.protocols import DepthEngine, ManyLanes, PictureEngine, SharedEngine
from streamdepth.threads.handoff import Ended, Handoff
from streamdepth.threads.in_order import InOrder, Place
from streamdepth.threads.watchdog import Watch
from streamdepth.threads.worker import Lock, Worker
from streamdepth.values import dataclass

STALE_AFTER = 0.5
"""Seconds after which a live frame is not worth an inference, unless none comes after it for as long again."""
FILE_QUEUE = (2, 12)
"""Least and most frames that may wait between two stages when none may be lost."""
QUEUED_BYTES = 10_000_000
"""Of pictures that wait in one such queue: 7 of 1280x720, 3 of 1920x1080."""

BURST = 8
"""Frames of a file that a stage takes in one go, where so many may wait."""


def several_at_once(info: SourceInfo) -> bool:
    """Whether pictures of a source are inferred side by side, where the engine can.

    A live picture, and one that is alone, is wanted soon: all threads work on it.
    """
    return not info.live and info.frame_count != 1


def engines_for(info: SourceInfo, engine: DepthEngine) -> Sequence[DepthEngine]:
    """The engines that work on one source, each in a thread of its own."""
    return engine.lanes if several_at_once(info) and isinstance(engine, ManyLanes) else (engine,)


def file_queue(info: SourceInfo) -> int:
    """Frames of a file that may wait between two stages."""
    least, most = FILE_QUEUE
    return max(least, min(most, QUEUED_BYTES // info.picture_bytes))


def burst_of(capacity: int) -> int:
    """Frames of a file that a stage takes in one go.

    A stage that is woken for each frame finds its core's caches full of what another has just done there; twelve
    frames in two queues, eight at a time, are rendered in a tenth less CPU time than two, one by one.
    """
    return max(1, min(BURST, capacity - 1))


@dataclass(frozen=True)
class Surroundings:
    """What the stage has in common with the rest of a run."""

    frames: Handoff[Frame]
    live: bool
    queue: int
    """Frames that may wait for a stage."""
    accounts: Accounts
    clock: Callable[[], float]
    timeout: float
    """Seconds that one inference may take."""
    on_news: Callable[[], None] = lambda: None
    """Called when there is an estimate, or an end."""
    reuse: Reuse = Reuse.NEVER


@dataclass(frozen=True)
class _Begun:
    """A frame that was taken."""

    frame: Frame
    place: Place[Estimate]
    lane: DepthEngine
    """What infers it."""
    known_by: Inferred
    """Whose depth it has."""


class Inference:
    """Takes frames, one engine a thread, and gives their estimates in the order of the frames.

    A place for the estimate is reserved *before* a frame is taken: a live frame is chosen only when the renderer can
    take its depth, for what waits grows old, and of a file no more is in memory than there are places.
    """

    def __init__(self, engines: Sequence[DepthEngine], around: Surroundings) -> None:
        self._around = around
        self._engines = engines
        self._shared = next((engine for engine in engines if isinstance(engine, SharedEngine)), None)
        self._turn = Lock()
        self._stills = Stills(around.reuse)
        self._watches = [Watch("inference", around.timeout, around.clock) for _ in engines]
        waiting = around.queue
        self.estimates: InOrder[Estimate] = (
            InOrder(1) if around.live else InOrder(waiting + len(engines), burst=burst_of(waiting))
        )

    def workers(self, on_error: Callable[[BaseException], None]) -> list[Worker]:
        """The threads, yet to be started."""
        lanes = zip(self._engines, self._watches, strict=True)
        return [
            Worker(f"inference-{lane}", partial(self._run, engine, watch), on_error=on_error)
            for lane, (engine, watch) in enumerate(lanes, start=1)
        ]

    def check(self) -> None:
        """Raise `StageStuck` when an inference has outlived its time."""
        for watch in self._watches:
            watch.check()

    def look(self) -> None:
        """Count the time of what is inferred now."""
        for watch in self._watches:
            watch.look()

    def abandon(self) -> None:
        """Nobody takes estimates any more."""
        self.estimates.abandon()

    def _run(self, engine: DepthEngine, watch: Watch) -> None:
        try:
            while self._one(engine, watch):
                pass
        except BaseException:
            self._around.frames.abandon()  # the others end, too
            raise
        finally:
            self._around.on_news()

    def _one(self, engine: DepthEngine, watch: Watch) -> bool:
        """Find the depth of one frame; False at the end."""
        with ExitStack() as turn:
            begun = self._begin(engine, turn)
            if begun is None:
                return False
            if begun.known_by.frame is not begun.frame:
                begun.known_by.then(partial(self._reuse, begun))
                return True
            try:
                estimate = self._estimate(begun.frame, begun.lane, watch)
            except BaseException:
                self.estimates.give_back(begun.place)
                raise
        self._hand_on(begun.place, estimate)
        begun.known_by.found(estimate.depth)
        return True

    def _reuse(self, begun: _Begun, depth: DepthMap) -> None:
        estimate = Estimate(begun.frame, depth, 0.0)
        self._around.accounts.reused(estimate)
        self._hand_on(begun.place, estimate)

    def _hand_on(self, place: Place[Estimate], estimate: Estimate) -> None:
        self.estimates.fill(place, estimate)
        self._around.on_news()

    def _begin(self, engine: DepthEngine, turn: ExitStack) -> _Begun | None:
        """The next frame with the place of its estimate: nobody may come between the two."""
        with self._turn:
            place = self.estimates.reserve()
            if place is None:
                self._around.frames.abandon()
                return None
            try:
                frame, lane = self._fresh_frame(engine, turn)
                return _Begun(frame, place, lane, self._stills(frame))
            except BaseException as error:
                self.estimates.give_back(place)
                if isinstance(error, Ended):
                    return None
                raise

    def _fresh_frame(self, engine: DepthEngine, turn: ExitStack) -> tuple[Frame, DepthEngine]:
        """The next frame to infer, with the engine for it; raises `Ended`.

        Of an engine that is shared, a frame is waited for first, so that nobody has a turn without one, and taken when
        it is its turn, so that it is the newest. The last picture of a slow camera is the newest however old it is.
        """
        around, old = self._around, None
        while True:
            lane = engine
            if self._shared is not None:
                if old is None:
                    around.frames.wait()
                lane = turn.enter_context(self._shared.turn())
            frame = self._newest(old)
            if frame is old or not around.live or around.clock() - frame.captured_at <= STALE_AFTER:
                return frame, lane
            turn.close()
            old = None if self._has_newer(frame, STALE_AFTER) else frame

    def _newest(self, old: Frame | None) -> Frame:
        """What has come since `old`, or that where nothing has."""
        if old is None or self._has_newer(old, 0.0):
            return self._around.frames.get()
        return old

    def _has_newer(self, old: Frame, patience: float) -> bool:
        """Whether a newer one is there within so many seconds; `old` is left out then, and at the end."""
        try:
            self._around.frames.wait(patience)
        except TimeoutError:
            return False
        except Ended:
            self._around.accounts.dropped(old, "stale")
            raise
        self._around.accounts.dropped(old, "stale")
        return True

    def _estimate(self, frame: Frame, engine: DepthEngine, watch: Watch) -> Estimate:
        around = self._around
        begin = around.clock()
        try:
            with watch:
                depth = depth_of(engine, frame)
        except BaseException:
            around.accounts.dropped(frame, "failed")
            raise
        estimate = Estimate(frame, depth, around.clock() - begin)
        around.accounts.inferred(estimate)
        return estimate


def depth_of(engine: DepthEngine, frame: Frame) -> DepthMap:
    """Depth of what is inside the bars of a frame, which it may bring along.

    BGR is made for an engine that takes nothing else.
    """
    if frame.depth is not None:
        return frame.depth
    content = frame.picture.content
    if _takes_pictures(type(engine)):
        return cast(PictureEngine, engine).estimate_picture(content)
    return engine.estimate(content.bgr)


@lru_cache
def _takes_pictures(kind: type[DepthEngine]) -> bool:
    """Asked of each kind once: to look for the methods of a protocol takes longer than to count a picture."""
    return issubclass(kind, PictureEngine)
