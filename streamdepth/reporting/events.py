"""What happens in a run, as values: its observer gets each of them, and makes words, bars or figures of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from streamdepth.frames import SourceInfo
from streamdepth.values import dataclass, field


@dataclass(frozen=True)
class Said:
    """A stage says something of itself, in a sentence."""

    line: str
    is_warning: bool = False


@dataclass(frozen=True)
class InputOpened:
    """The input is open."""

    info: SourceInfo


@dataclass(frozen=True)
class MuchMemory:
    """Pictures of this input take so much memory that it is worth telling."""

    size: tuple[int, int]
    """(width, height) of a picture."""
    needed: int
    """Bytes, about."""
    free: int | None
    """Bytes that there are; None if the platform does not report it."""

    @property
    def is_too_much(self) -> bool:
        """Whether there is less than it takes."""
        return self.free is not None and self.needed > self.free


@dataclass(frozen=True)
class OptionUnused:
    """Something was asked for that changes nothing for this input."""

    option: str
    """As it is typed: `--input-fps`."""
    meant_for: str


@dataclass(frozen=True)
class PictureASecond:
    """A folder of pictures becomes a film at a rate that nobody named."""


@dataclass(frozen=True)
class OutputRenamed:
    """The file that was named is there already and stays, so that another one is written."""

    named: Path
    written: Path


@dataclass(frozen=True)
class OutputReplaced:
    """The file that was named is there already, and the new one takes its place when it is complete."""

    path: Path


@dataclass(frozen=True)
class LoadBegan:
    """A network is being loaded; `Fetched` may follow."""


@dataclass(frozen=True)
class Fetched:
    """A download has come so far."""

    done: int
    """Bytes."""
    total: int | None
    """Bytes that there will be; None if the server does not say."""


@dataclass(frozen=True)
class LoadEnded:
    """The network is loaded, or it failed."""


@dataclass(frozen=True)
class NetworkLoaded:
    """This network runs."""

    name: str
    runtime: str
    precision: str


@dataclass(frozen=True)
class PageServed:
    """Viewers may come to the page."""

    address: str = field(repr=False)
    """With the token, where there is one."""
    exposes_token: bool
    """Whether others may read the token on its way."""


@dataclass(frozen=True)
class RunBegan:
    """All is open, and frames are being read."""

    is_live: bool
    writes_files: bool
    frames: int | None
    """How many are to come; None where nobody knows."""
    done_before: int = 0
    """How many an earlier run made of the same film, beside those."""
    behind: int = 0
    """Of an input that is gone through several times, how many were gone through before, beside those."""
    ahead: int = 0
    """And how many will be afterwards."""

    @property
    def all_frames(self) -> int | None:
        """All times together; None where nobody knows."""
        return None if self.frames is None else self.behind + self.frames + self.ahead


@dataclass(frozen=True)
class FrameWritten:
    """All outputs have one more frame."""

    count: int
    """Of all so far."""
    of: int | None = None
    """How many the input has, where that turned out to be fewer than it said at the start."""


@dataclass(frozen=True)
class LastMinute:
    """The figures of a live run since the last event of this kind."""

    frames: int
    fps: float
    dropped_by: Mapping[str, int]
    """How many frames were left out, by cause."""
    latency_ms: tuple[int | None, int | None]
    """From capture to output: the median and the 95th percentile; None where no frame came."""
    rss_mb: float | None
    """Resident memory; None if the platform does not report it."""
    condition: str | None
    """What the source says of itself; None where it says nothing."""


@dataclass(frozen=True)
class Alive:
    """A sign of life of the thread that writes, as often as it was asked for."""


@dataclass(frozen=True)
class OutputsClosed:
    """Nothing more is written; not all was where `complete` is False."""

    complete: bool


@dataclass(frozen=True)
class Stopping:
    """The run was asked to end."""


Event = (
    Said
    | InputOpened
    | MuchMemory
    | OptionUnused
    | PictureASecond
    | OutputRenamed
    | OutputReplaced
    | LoadBegan
    | Fetched
    | LoadEnded
    | NetworkLoaded
    | PageServed
    | RunBegan
    | FrameWritten
    | LastMinute
    | Alive
    | OutputsClosed
    | Stopping
)
Observe = Callable[[Event], None]
"""Gets each event when it happens, in whatever thread that is; it must neither wait nor raise."""


def ignore(_event: Event) -> None:
    """The observer of a run that nobody watches."""
