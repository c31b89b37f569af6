"""The protocols of the stages: what the pipeline knows of a source, an engine, a renderer and a sink."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from streamdepth.frames import DepthMap, Estimate, Frame, Rendered, SourceInfo
from streamdepth.pixels import BGRImage


class Source(Protocol):
    """Where frames come from."""

    @property
    def info(self) -> SourceInfo:
        """Known once the source is open."""

    def read(self) -> Frame | None:
        """Return the next frame, or None at the end; returns or raises within `info.read_timeout` seconds."""

    def close(self) -> None:
        """Release the device or file. Called once, by the thread that reads."""


class DepthEngine(Protocol):
    """A network that runs."""

    def estimate(self, image: BGRImage) -> DepthMap:
        """Depth of an (H, W, 3) uint8 picture of any size; called by one thread at a time."""


class Renderer(Protocol):
    """Turns depth into a picture; keeps the state of one stream."""

    def __call__(self, estimate: Estimate) -> Rendered:
        """Draw one estimate."""


class Interpolator(Protocol):
    """A renderer that can draw pictures which have no depth of their own."""

    def take(self, estimate: Estimate) -> None:
        """Let what follows build on an estimate whose picture is not shown; in order with those that are drawn."""

    def between(self, frame: Frame) -> Rendered | None:
        """Draw a frame later than the last estimate with its depth; None where that says nothing about the frame."""


class Sink(Protocol):
    """Where rendered frames go."""

    def write(self, rendered: Rendered) -> None:
        """Take one frame; may raise `ViewerLeft` to end the run."""

    def close(self, *, complete: bool = True) -> None:
        """Flush and release; always called once.

        `complete` is False when the run ended before its input did: what was written is made playable where
        possible, and nothing unfinished is left under a final name.
        """


@runtime_checkable
class Pollable(Protocol):
    """A sink that must be looked after while no frames come, such as a window."""

    def poll(self) -> None:
        """Called at least every 50 ms from the thread that writes; may raise `ViewerLeft`."""
