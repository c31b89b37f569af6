"""What a worker is asked for, as plain values, and what it answers; all of it travels between machines."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from streamdepth.cluster.store import Facts, Glimpse
from streamdepth.frames import DepthRange, LeftOff
from streamdepth.resuming.finished import Finished
from streamdepth.run.spec import RunSpec
from streamdepth.values import dataclass, field


@dataclass(frozen=True)
class Needed:
    """A file that every machine reads: under its name, or, where that is another file or none, from the store."""

    role: str
    """What it is to the film: `input`, `model` or `scenes`."""
    path: Path
    facts: Facts
    glimpse: Glimpse

    @property
    def name(self) -> str:
        """In the store."""
        return f"{self.role}-{self.path.name}"


@dataclass(frozen=True)
class Film:
    """The same for all tasks of a film; without a store the paths must lead to the same files on each machine."""

    spec: RunSpec
    """With the network that was chosen, and the threads that one of its lanes has."""
    folder: Path
    """Where what the passes hand on is kept."""
    mark: str
    """What a file in that folder holds: it shows that the folder is the same one."""
    cache_dir: Path | None = None
    store: str | None = None
    """The address below which the files of that folder are handed on; None where all machines see the folder."""
    needed: tuple[Needed, ...] = ()
    """Where there is a store."""


@dataclass(frozen=True)
class Piece:
    """The pictures that are shown after `after` and up to `until`, in seconds; None: from the start, to the end."""

    number: int
    after: Fraction | None
    until: Fraction | None
    first: Fraction
    """When the first picture of the film is shown."""
    index: int
    """Of its first picture, as far as the container says."""
    from_start: bool = False
    """Whether the input is read from its start up to there, since nothing else is exact."""


@dataclass(frozen=True)
class Infer:
    """First pass: depth of the pictures of a piece."""

    film: Film
    piece: Piece


@dataclass(frozen=True)
class MapsAt:
    """Where depth maps are, in order, the first of which is that of the picture `index`."""

    path: Path
    index: int


@dataclass(frozen=True)
class Draw:
    """Third pass: the pictures of a segment, drawn and encoded."""

    film: Film
    number: int
    count: int
    """Pictures in a segment."""
    left_off: LeftOff | None
    """The picture before it; None of the first."""
    span: DepthRange | None
    """The range of the whole film, where it is drawn in that."""
    maps: tuple[MapsAt, ...]
    """Of these, and of what is looked ahead of them."""
    end: int
    """Pictures of the film."""
    threads: int
    """Of the encoder."""


@dataclass(frozen=True)
class Render:
    """A whole film of several, as a run on that machine renders it; the spec names the film, and where it goes."""

    film: Film
    finished: Finished | None = None
    """What the command remembers of it, where it is complete: a machine knows what it rendered itself."""


@dataclass(frozen=True)
class Whole:
    """What became of such a film."""

    report: Mapping[str, Any]
    """The figures of its run."""
    said: tuple[tuple[str, bool], ...]
    """What the run had to say, and whether it is a warning."""
    seconds: float
    finished: Finished | None = None
    """What is to be remembered of it; None where it is not complete."""


@dataclass(frozen=True)
class Greet:
    """Return a description of this machine, and whether it sees the folder or the store."""

    film: Film


@dataclass(frozen=True)
class Leave:
    """Take away what a machine has fetched for a film."""

    film: Film


Wanted = Infer | Draw | Render | Greet | Leave


@dataclass(frozen=True)
class Task:
    """One thing to be done by one worker."""

    name: str
    """A readable description."""
    wanted: Wanted
    weight: float = 1.0
    """How long it takes beside the others."""
    threads: int = 1
    """How many it keeps busy."""
    bound: float = 3600.0
    """Seconds after which its worker counts as lost."""


@dataclass(frozen=True)
class Machine:
    """Where a task was done."""

    name: str
    conditions: Mapping[str, str] = field(default_factory=dict)
    """What results depend on there."""


@dataclass(frozen=True)
class Answer:
    """What became of a task: its result, or in words why there is none."""

    machine: Machine
    result: Any = None
    trouble: str = ""
    cure: str = ""
    lacks: Needed | None = None
    """A file that the machine cannot read and that is not in the store: with it there is a result."""
