"""The protocols of the stages: what the pipeline knows of a source, an engine, a renderer and a sink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol, TypeVar, runtime_checkable

from streamdepth.frames import (
    Condition,
    DepthMap,
    Estimate,
    Frame,
    LeftOff,
    Outages,
    Playhead,
    Rendered,
    SourceInfo,
)
from streamdepth.pixels import BGRImage, Picture

State = TypeVar("State")
Notify = Callable[[str], None]
"""Gets one line about something that people should know while a run goes on."""


def silent(_line: str) -> None:
    """A `Notify` that drops the line."""


class Source(Protocol):
    """Where frames come from."""

    @property
    def info(self) -> SourceInfo:
        """Known once the source is open."""

    def read(self) -> Frame | None:
        """Return the next frame, or None at the end; returns or raises within `info.read_timeout` seconds.

        A source that comes back by itself raises `NoFrameYet` while it is away: ask again.
        """

    def close(self) -> None:
        """Release the device or file. Called once, by the thread that reads."""


@runtime_checkable
class Watched(Protocol):
    """A source that reports its condition; both may be read from any thread."""

    @property
    def condition(self) -> Condition:
        """How it is now."""

    @property
    def outages(self) -> Outages:
        """How often and how long it was away so far."""


@runtime_checkable
class Decodes(Protocol):
    """A live source that reports how busy it is; may be read from any thread."""

    @property
    def load(self) -> float | None:
        """Share of the last seconds in which it did not wait for what comes, 0 to 1; None where nobody knows."""


@runtime_checkable
class Seekable(Protocol):
    """A source that could wait, and that can be read from elsewhere; all called by the thread that reads."""

    @property
    def length(self) -> Fraction | None:
        """Seconds from its first picture to its end; None where it is not known."""

    def seek(self, position: Fraction) -> None:
        """Go on with the picture at `position`, in seconds after the first; past the end, with the last one.

        Raises SourceError where this input cannot; reading then goes on about where it was.
        """


@runtime_checkable
class Approaches(Protocol):
    """A source that could wait, and that can leave out what is long before a time."""

    def approach(self, position: Fraction) -> None:
        """Go on with some picture at or before `position`, in seconds of its own timestamps, which stay as they are.

        Called before the first `read`. Where that cannot be promised, all that there is comes.
        """


@runtime_checkable
class GoesOn(Protocol):
    """A source that can be read from behind a picture which another process had of it."""

    def go_on_after(self, last: LeftOff) -> bool:
        """Give next what follows `last`, with its own index and timestamps, exactly as if all before it had been read.

        Called before the first `read`. False where that cannot be promised: this source then is of no further use, and
        one that is opened anew gets there by reading.
        """


@runtime_checkable
class Divisible(Protocol):
    """A recording that several processes can read at once, each a part of it."""

    def places(self, every: int) -> Sequence[Fraction]:
        """When every so-many-th picture is shown, in seconds, as far as the container says so without decoding.

        Empty where it does not say.
        """

    def arrive_at(self, place: Fraction, first: Fraction, index: int) -> int | None:
        """Give next what follows the picture that is shown at `place`, counted from `index`; returns that one's sum.

        `first` is when the first picture is shown. Called before the first `read`. None where there is no such picture,
        or no way there: this source then is of no further use, and one that is opened anew gets there by reading.
        """


@runtime_checkable
class Playback(Protocol):
    """A source whose viewer may pause it and move within it, from any thread."""

    @property
    def playhead(self) -> Playhead:
        """Where the viewer is."""

    def toggle_pause(self) -> None:
        """Hold the picture, or go on; at the end, play from the beginning."""

    def skip(self, direction: int, *, far: bool = False) -> None:
        """Move a little or far, backwards (-1) or forwards (1)."""


class Choice(Protocol):
    """What is shown of several inputs."""

    @property
    def shown(self) -> int:
        """Its place among them."""

    @property
    def coming(self) -> int | None:
        """The one that is being opened."""

    @property
    def trouble(self) -> str:
        """Why the last one that was wanted is not shown."""


@runtime_checkable
class Inputs(Protocol):
    """Inputs that viewers choose from; all may be called from any thread."""

    @property
    def names(self) -> tuple[str, ...]:
        """Without secrets."""

    @property
    def choice(self) -> Choice:
        """What is shown now."""

    def choose(self, number: int) -> None:
        """Show another soon; IndexError where there is none of that number."""


class DepthEngine(Protocol):
    """A network that runs."""

    def estimate(self, image: BGRImage) -> DepthMap:
        """Depth of an (H, W, 3) uint8 picture of any size; called by one thread at a time."""


@runtime_checkable
class PictureEngine(Protocol):
    """An engine that takes pictures in their own layout too: planes need no full-size conversion then."""

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """Depth of a picture of any size; called by one thread at a time."""


@runtime_checkable
class ManyLanes(Protocol):
    """An engine that infers several pictures at once."""

    @property
    def lanes(self) -> Sequence[DepthEngine]:
        """At least one engine, each for a thread of its own: together they give the most pictures a second."""


@runtime_checkable
class SharedEngine(Protocol):
    """An engine that several runs share, each of which has its turns."""

    def turn(self) -> AbstractContextManager[DepthEngine]:
        """What infers one picture: the caller has it from the moment it is its turn until it leaves the context."""


class Renderer(Protocol):
    """Turns depth into a picture; keeps the state of one stream."""

    def __call__(self, estimate: Estimate) -> Rendered:
        """Draw one estimate."""


@runtime_checkable
class Foresees(Protocol):
    """A renderer that looks ahead, in a stream that can wait, of what it draws."""

    def foresee(self, estimate: Estimate) -> None:
        """An estimate that is drawn later; called once for each, in the order of the stream, before any is drawn."""

    @property
    def knows_next(self) -> bool:
        """Whether all is known that the next picture depends on; else it waits for more, unless the stream is over."""


@runtime_checkable
class MarksCondition(Protocol):
    """A renderer that knows what to do when its source goes away, comes back or freezes."""

    def mark(self, rendered: Rendered, condition: Condition, now: float) -> Rendered:
        """`rendered` with its source's condition on the picture and in it, at `now` (`time.monotonic()`)."""

    def reset(self) -> None:
        """Forget the stream so far: what comes next is another one."""


class Restorable(Protocol[State]):
    """A renderer that another process can go on with, bit for bit: made in the same way, it is given the state."""

    @property
    def state(self) -> State:
        """A frozen value of arrays, numbers and None: all that the next picture depends on beside its estimate."""

    def restore(self, state: State) -> None:
        """Go on as the renderer whose `state` this was."""


class Interpolator(Protocol):
    """A renderer that can draw pictures which have no depth of their own."""

    def take(self, estimate: Estimate) -> None:
        """Let what follows build on an estimate whose picture is not shown; in order with those that are drawn."""

    def between(self, frame: Frame) -> Rendered | None:
        """Draw a frame later than the last estimate with its depth; None where that says nothing about the frame."""


STOPPED = "stopped"
"""Why a frame was not inferred that was read while the run ended: nobody misses it."""


class Witness(Protocol):
    """Gets what becomes of each frame, in whatever thread that is; must neither wait nor raise."""

    def captured(self, frame: Frame, seconds: float) -> None:
        """It was read, which took so long."""

    def dropped(self, frame: Frame, cause: str) -> None:
        """It will not be inferred."""

    def inferred(self, estimate: Estimate) -> None:
        """It has depth."""

    def written(self, rendered: Rendered, drawing: float, writing: float) -> None:
        """It was drawn, and all sinks have it, which took so many seconds each."""


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
class ForViewers(Protocol):
    """A sink that passes pictures on to live viewers.

    It has each one before all other sinks, of which some take time over it, as the encoder of a recording does.
    """

    @property
    def is_for_viewers(self) -> Literal[True]:
        """Says so."""


@runtime_checkable
class Warns(Protocol):
    """A source or a sink that has something to say about what came in, or went out, less than whole."""

    @property
    def warnings(self) -> Sequence[str]:
        """One sentence each; complete once it is closed."""


@runtime_checkable
class KeepsPart(Protocol):
    """A sink that keeps what it wrote of a file where the run ends before its input."""

    @property
    def kept(self) -> Path | None:
        """The playable part, which does not bear its final name; None while there is none."""


@runtime_checkable
class Pollable(Protocol):
    """A sink that must be looked after while no frames come, such as a window."""

    def poll(self) -> None:
        """Called at least every 50 ms from the thread that writes; may raise `ViewerLeft`."""


def warnings_of(stage: object) -> Sequence[str]:
    """What a source or a sink has to say; nothing of one that does not warn."""
    return stage.warnings if isinstance(stage, Warns) else ()


def condition_of(source: object) -> Condition:
    """The condition of a source; live where it reports none."""
    return source.condition if isinstance(source, Watched) else Condition()


def outages_of(source: object) -> Outages:
    """How often and how long a source was away; never where it does not report that."""
    return source.outages if isinstance(source, Watched) else Outages()


def load_of(source: object) -> float | None:
    """How busy a source is; None where it does not report that."""
    return source.load if isinstance(source, Decodes) else None
