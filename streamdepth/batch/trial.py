"""A few frames of a planned run, rendered into a folder that goes again: what an estimate is made from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from streamdepth.batch.planned_run import PlannedRun
from streamdepth.errors import StreamdepthError
from streamdepth.frames import SourceInfo
from streamdepth.pixel_limit import memory_of
from streamdepth.reporting.events import Event, InputOpened, Said
from streamdepth.run.inputs import frames_to_come
from streamdepth.run.network.engines import Engines
from streamdepth.run.run import Run
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings
from streamdepth.values import dataclass, field


@dataclass(frozen=True)
class Trial:
    """What a few frames showed."""

    info: SourceInfo | None = None
    """None where the input could not be opened."""
    frames: int | None = None
    """How many the whole would be; None where nobody knows."""
    rendered: int = 0
    seconds: float = 0.0
    bytes: int = 0
    """Of its outputs."""
    memory: int = 0
    """Bytes that the pictures of the whole take beside the network, about."""
    notes: tuple[str, ...] = ()
    """What is encoded anew, left out, or otherwise not as one may expect."""
    error: str = ""
    """Why it would fail; empty where it would not."""

    @property
    def pixels(self) -> int:
        """Of a frame."""
        return self.info.width * self.info.height if self.info is not None else 0


@dataclass
class _Notes:
    """What a run says of itself."""

    info: SourceInfo | None = None
    notes: list[str] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        if isinstance(event, InputOpened):
            self.info = event.info
        elif isinstance(event, Said) and event.is_warning:
            self.notes.append(event.line)


def try_out(planned: PlannedRun, frames: int, surroundings: Surroundings, engines: Engines) -> Trial:
    """Render at most so many `frames` of a planned run; raises nothing that `Run` raises."""
    noted = _Notes()
    with _elsewhere(planned, frames) as (spec, folder):
        try:
            stats = Run(spec, surroundings, noted, engines).execute()
        except StreamdepthError as error:
            return Trial(noted.info, notes=tuple(noted.notes), error=str(error))
        written = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    info = noted.info
    assert info is not None, "a run that came to its end has opened its input"
    whole = frames_to_come(info, planned.spec.amount)
    memory = memory_of(info, to_film=planned.spec.output.output is not None)
    return Trial(info, whole, stats.written, stats.seconds, written, memory, tuple(noted.notes))


@contextmanager
def _elsewhere(planned: PlannedRun, frames: int) -> Iterator[tuple[RunSpec, Path]]:
    """The spec of a planned run for so many frames with its outputs under a folder of its own, and that folder."""
    with tempfile.TemporaryDirectory(prefix="streamdepth-") as name:
        folder = Path(name)
        spec, given = planned.spec, planned.spec.output
        output, depth = (
            _moved(path, folder / kind, is_folder=path in planned.folders)
            for kind, path in (("picture", given.output), ("depth", given.depth_output))
        )
        most = frames if spec.amount.frames is None else min(frames, spec.amount.frames)
        yield (
            replace(
                spec,
                output=replace(given, output=output, depth_output=depth, report=None, manifest=False),
                amount=replace(spec.amount, frames=most),
            ),
            folder,
        )


def _moved(path: Path | None, folder: Path, *, is_folder: bool) -> Path | None:
    if path is None:
        return None
    moved = folder / path.name
    (moved if is_folder else folder).mkdir(parents=True)
    return moved
