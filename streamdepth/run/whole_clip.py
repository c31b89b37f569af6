"""`--range global`: the input is gone through twice, its depth inferred once and kept on disk in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.spool import SUFFIX, SpoolReader, SpoolWriter
from streamdepth.errors import SourceError, UsageError
from streamdepth.files import OutputFile, disk_errors, with_end
from streamdepth.frames import DepthMap, DepthMeaning, DepthRange, Frame, Rendered, SourceInfo
from streamdepth.imaging.sampled import Sampled
from streamdepth.pipeline import Pipeline
from streamdepth.protocols import DepthEngine, Source, warnings_of
from streamdepth.rendering.range import HIGH, LOW
from streamdepth.rendering.shots import Scenes
from streamdepth.run.inputs import limits_of
from streamdepth.run.pictures import reuse_of, steadied_of
from streamdepth.run.spec import RunSpec


def refuse_live(info: SourceInfo) -> None:
    """Raise `UsageError` for an input that has no end to be waited for."""
    if info.live:
        raise UsageError("--range global is for files: a live input has no end", "leave it out")


def beside(spec: RunSpec) -> Path:
    """The output of a run that writes one, near which the maps are kept."""
    output = spec.output.output or spec.output.depth_output
    assert output is not None, "checked before"
    return output


def first_pass(source: Source, engine: DepthEngine, spec: RunSpec, scenes: Scenes | None) -> Pipeline:
    """What infers all of an input and steadies it, and draws nothing."""
    steadied = steadied_of(spec, source.info, scenes)
    return Pipeline(source, engine, steadied, limits=limits_of(spec.amount), reuse=reuse_of(spec.picture))


class WholeClip:
    """The sink of the first pass: it keeps what the network gave, and learns the range of what is shown.

    `beside` is the output near which the maps are kept. Raises SinkError where nothing can be written there.
    """

    def __init__(self, beside: Path) -> None:
        self._file = OutputFile.begin(with_end(beside, f".range{SUFFIX}"))
        self._stream: BinaryIO | None = None
        self._writer: SpoolWriter | None = None
        self._sampled = Sampled()
        self._meaning: DepthMeaning | None = None
        self.count = 0
        """Pictures that it has the depth of."""

    def write(self, rendered: Rendered) -> None:
        """Keep the map of one picture; raises DiskFull or SinkError."""
        estimate = rendered.estimate
        self._meaning = estimate.depth.meaning
        self.count += 1
        self._sampled.add(rendered.depth.values)
        with disk_errors(self._file.at):
            if self._writer is None:
                self._stream = self._file.open()
                self._writer = SpoolWriter(self._stream, {"meaning": self._meaning.value})
            self._writer.write(Entry.of(estimate, estimate.depth))

    def close(self, *, complete: bool = True) -> None:
        """The first pass is over."""
        if self._stream is not None:
            with disk_errors(self._file.at):
                self._stream.close()

    @property
    def span(self) -> DepthRange | None:
        """From the 2nd to the 98th percentile of all that is shown; None where there was no picture."""
        return None if self._meaning is None else DepthRange(*self._sampled.quantiles(LOW, HIGH))

    @property
    def behind(self) -> int:
        """Each was gone through once."""
        return self.count

    def with_depth(self, source: Source) -> Source:
        """The same input once more, whose frames bring along the depth of the first pass."""
        assert self._meaning is not None
        return WithDepth(source, iter(SpoolReader(self._file.at)), self._meaning)

    @contextmanager
    def discarded_on_error(self) -> Iterator[None]:
        """Within it the first pass goes on; after an error its maps are taken away."""
        try:
            yield
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Take the maps away."""
        self._file.discard()


class WithDepth:
    """A source whose frames get the depth that is known of them; it ends with the last one."""

    def __init__(self, source: Source, entries: Iterator[Entry], meaning: DepthMeaning) -> None:
        self._source = source
        self._entries = entries
        self._meaning = meaning
        self._next = next(entries, None)

    @property
    def info(self) -> SourceInfo:
        """That of the source."""
        return self._source.info

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the source has to say."""
        return tuple(warnings_of(self._source))

    def read(self) -> Frame | None:
        """The next frame of which there is depth; raises `SourceError` where the input is another by now."""
        frame = self._source.read()
        while frame is not None and self._next is not None and frame.index < self._next.index:
            frame = self._source.read()  # the first pass left it out, too
        while frame is not None and self._next is not None and self._next.index < frame.index:
            self._next = next(self._entries, None)  # an earlier run has worked on it
        if frame is None or self._next is None:
            return None
        if frame.pts != self._next.pts:
            raise SourceError("the input changed while it was read", "run it again")
        depth = DepthMap(self._next.values, self._meaning)
        self._next = next(self._entries, None)
        return replace(frame, depth=depth)

    def close(self) -> None:
        """Close the source."""
        self._source.close()
