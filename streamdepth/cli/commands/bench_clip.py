"""`streamdepth bench --input`: what each stage of a run costs, what bounds its rate, and how near it comes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from streamdepth.engine import Engine
from streamdepth.errors import UsageError
from streamdepth.frames import Estimate, Frame, Rendered
from streamdepth.pipeline import Limits, Pipeline
from streamdepth.protocols import Source
from streamdepth.rendering import Renderer
from streamdepth.run.surroundings import set_process_up
from streamdepth.sinks import open_sink
from streamdepth.sources import open_source
from streamdepth.threads.worker import Worker
from streamdepth.values import dataclass

HELD = 24
"""Frames that are in memory for the stages between decoder and encoder."""
_PATIENCE = 120.0
_TICKS = 100
"""A second, in the files of Linux's /proc: the same on all common processors."""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of a stage for one frame."""

    name: str
    cpu: float
    """Of all threads together."""
    serial: float
    """Of the one thread of the run that does it: it cannot do two frames at once. 0 where several threads do."""


@dataclass(frozen=True)
class RunFigures:
    """One whole run."""

    frames: int
    rate: float
    """Frames/s."""
    cores_used: float
    cores_left: float
    """What other programs left it, used or not; all cores if the platform does not report it."""


@dataclass(frozen=True)
class ClipBench:
    """A clip's costs by stage, and its fastest whole run. Rates are in frames/s."""

    costs: tuple[Cost, ...]
    cores: int
    run: RunFigures

    @property
    def cpu(self) -> float:
        """Core-milliseconds of a frame, all stages together."""
        return sum(cost.cpu for cost in self.costs)

    @property
    def bound(self) -> float:
        """The rate that the costs allow on the cores that other programs left."""
        return min(self.bounds.values())

    @property
    def bounds(self) -> dict[str, float]:
        """The rate that each resource allows: all cores together, and each thread that does a stage alone."""
        drawing = sum(cost.serial for cost in self.costs if cost.name in _DRAWING)
        reading = sum(cost.serial for cost in self.costs if cost.name not in _DRAWING)
        left = self.run.cores_left
        cores = f"{self.cores} cores" if left > 0.97 * self.cores else f"the {left:.2f} cores that were free"
        found = {cores: 1000 * left / self.cpu}
        found |= {"the thread that draws and encodes": 1000 / drawing} if drawing else {}
        return found | ({"the thread that decodes": 1000 / reading} if reading else {})

    @property
    def bounded_by(self) -> str:
        """What allows the lowest rate."""
        return min(self.bounds, key=lambda name: self.bounds[name])

    @property
    def share(self) -> float:
        """Of the bound, what the run reached: 1 is all of it."""
        return self.run.rate / self.bound


_DRAWING = ("render", "encode")


def bench_clip(path: str, engine: Engine, frames: int | None, rounds: int, cpus: Sequence[int]) -> ClipBench:
    """Measure each stage alone, then whole runs to an MP4 that is thrown away, of which the fastest counts.

    `cpus` are the numbers of those that the process may use. Raises what the stages raise, and `UsageError` for an
    input that is live or has no frames.
    """
    set_process_up()
    with tempfile.TemporaryDirectory(prefix="streamdepth-bench-") as folder:
        output = Path(folder) / "depth.mp4"
        costs = _costs(path, engine, frames, output)
        runs = [_run(path, engine, frames, output, cpus) for _ in range(rounds)]
    return ClipBench(costs, len(cpus), max(runs, key=lambda run: run.rate))


def described(bench: ClipBench) -> dict[str, Any]:
    """For JSON."""
    return {
        "stages_core_ms": {cost.name: round(cost.cpu, 3) for cost in bench.costs},
        "stages_serial_ms": {cost.name: round(cost.serial, 3) for cost in bench.costs},
        "cores": bench.cores,
        "frames": bench.run.frames,
        "fps": round(bench.run.rate, 2),
        "cores_used": round(bench.run.cores_used, 2),
        "cores_left": round(bench.run.cores_left, 2),
        "bound_fps": round(bench.bound, 2),
        "bounded_by": bench.bounded_by,
        "share_of_bound": round(bench.share, 3),
    }


def _costs(path: str, engine: Engine, frames: int | None, output: Path) -> tuple[Cost, ...]:
    with closing(_open(path)) as source:
        decode = _cost("decode", lambda: _count(source, frames), alone=True, rounds=1)
    with closing(_open(path)) as source:
        held = list(islice(_frames(source), min(HELD, frames or HELD)))
        if not held:
            raise UsageError(f"{path} has no frames", "name a video")
        engine.lanes[0].warm_up(source.info.width, source.info.height)
        prepare = _cost("prepare", lambda: _prepare(engine, held))
        infer = _cost("inference", lambda: _infer(engine, held))
        estimates = [_estimate(engine, frame) for frame in held]
        renderer = Renderer()
        rendered: list[Rendered] = []
        render = _cost(
            "render", lambda: _each(estimates, lambda one: rendered.append(renderer(one))), alone=True
        )
        encode = _cost("encode", lambda: _encode(source, rendered, output), alone=True, rounds=1)
    return (decode, prepare, replace(infer, cpu=max(0.0, infer.cpu - prepare.cpu)), render, encode)


def _cost(name: str, work: Callable[[], int], *, alone: bool = False, rounds: int = 2) -> Cost:
    """What `work` costs a frame; it gives their number. `alone` says that a single thread of the run does it."""
    found = []
    for _ in range(rounds):
        cpu, own = time.process_time(), time.thread_time()
        count = max(1, work())
        cpu, own = time.process_time() - cpu, time.thread_time() - own
        found.append(Cost(name, 1000 * cpu / count, 1000 * own / count if alone else 0.0))
    return min(found, key=lambda cost: cost.cpu)


def _count(source: Source, frames: int | None) -> int:
    return sum(1 for _ in islice(_frames(source), frames))


def _each(items: Sequence[Any], work: Callable[[Any], object]) -> int:
    for item in items:
        work(item)
    return len(items)


def _open(path: str) -> Source:
    source = open_source(path)
    if source.info.live:
        source.close()
        raise UsageError(f"{path} is live: its rate is its own", "name a video file")
    return source


def _frames(source: Source) -> Iterator[Frame]:
    while (frame := source.read()) is not None:
        yield frame


def _prepare(engine: Engine, held: Sequence[Frame]) -> int:
    # Pictures that nobody has looked at yet: what was converted is kept.
    return _each(held, lambda frame: engine.prepare(_fresh(frame).picture))


def _fresh(frame: Frame) -> Frame:
    return replace(frame, picture=replace(frame.picture))


def _infer(engine: Engine, held: Sequence[Frame]) -> int:
    failures: list[BaseException] = []
    workers = [
        Worker("inference", partial(_infer_share, lane, held), on_error=failures.append).start()
        for lane in engine.lanes
    ]
    for worker in workers:
        worker.join(_PATIENCE)
    if failures:
        raise failures[0]
    return len(held) * len(workers)


def _infer_share(lane: Engine, held: Iterable[Frame]) -> None:
    for frame in held:
        lane.estimate(_fresh(frame).picture)


def _estimate(engine: Engine, frame: Frame) -> Estimate:
    return Estimate(frame, engine.lanes[0].estimate(frame.picture), 0.0)


def _encode(source: Source, rendered: Sequence[Rendered], output: Path) -> int:
    """Encode the held pictures there and back until there are enough for the encoder's delay not to matter."""
    there_and_back = [*rendered, *rendered[-2:0:-1]] or list(rendered)
    count = 4 * HELD
    sink = open_sink(output, _Silent(source))
    try:
        for number in range(count):
            one = there_and_back[number % len(there_and_back)]
            frame = replace(one.estimate.frame, pts=number / (source.info.rate or Fraction(25)))
            sink.write(replace(one, estimate=replace(one.estimate, frame=frame)))
    finally:
        sink.close(complete=False)
    return count


class _Silent:
    """A source for an MP4 without the sound of the clip."""

    def __init__(self, source: Source) -> None:
        self.info = replace(source.info, origin=None)


def _run(path: str, engine: Engine, frames: int | None, output: Path, cpus: Sequence[int]) -> RunFigures:
    source = _open(path)
    sink = open_sink(output, source)
    pipeline = Pipeline(source, engine, Renderer(), limits=Limits(frames=frames))
    own, idle = time.process_time(), idle_seconds(cpus)
    stats = pipeline.run([sink])
    own = time.process_time() - own
    left = float(len(cpus))
    if idle is not None and (idle_after := idle_seconds(cpus)) is not None:
        left = min(left, (own + idle_after - idle) / stats.seconds)
    return RunFigures(stats.written, stats.fps, own / stats.seconds, left)


def idle_seconds(cpus: Sequence[int], path: Path = Path("/proc/stat")) -> float | None:
    """Seconds that these CPUs have been idle since the machine started, together; None if nothing reports it."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    wanted = {f"cpu{number}" for number in cpus}
    fields = [line.split() for line in lines]
    # The fourth number is idle time, the fifth idle time that waits for a disk (proc(5)).
    ticks = sum(int(words[4]) + int(words[5]) for words in fields if words and words[0] in wanted)
    return ticks / _TICKS
