"""What a session says, a line of JSON each: what came, what became of it, and what happened meanwhile.

Times are seconds of the run's own clock since its first picture. What a newer release adds is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, astuple, fields
from enum import Enum
from fractions import Fraction
from typing import Any

from streamdepth.frames import DepthMeaning, SourceState
from streamdepth.pixels import Rectangle
from streamdepth.values import dataclass, field

_READ = "read"
"""Where the metadata of a field holds what makes its value of JSON."""


def _fraction(stored: Any) -> Fraction:
    return Fraction(str(stored))


def _size(stored: Any) -> tuple[int, int]:
    width, height = stored
    return int(width), int(height)


def _rectangle(stored: Any) -> Rectangle:
    return Rectangle(*map(int, stored))


_AS_FRACTION, _AS_SIZE, _AS_RECTANGLE = ({_READ: read} for read in (_fraction, _size, _rectangle))


@dataclass(frozen=True)
class Began:
    """Pictures are being read from now on."""

    at: float


@dataclass(frozen=True)
class Came:
    """A picture was there."""

    at: float
    index: int
    pts: Fraction = field(metadata=_AS_FRACTION)
    connection: int
    seconds: float
    """That reading it took."""
    size: tuple[int, int] = field(metadata=_AS_SIZE)
    """(width, height) of the picture that was worked on."""
    inner: Rectangle | None = field(default=None, metadata=_AS_RECTANGLE)
    """What of it is not black bars."""
    aspect: Fraction = field(default=Fraction(1), metadata=_AS_FRACTION)
    """Width of a pixel over its height."""
    stretch: Fraction = field(default=Fraction(1), metadata=_AS_FRACTION)
    """As `Sent.stretch`."""
    is_kept: bool = True
    """Whether the session has it: there may have been no room."""
    is_fresh: bool = False
    """Whether its decoding leans on nothing before it."""
    packets: int = 0
    """How many packets more of the track of pictures it takes."""
    sum: int | None = None
    """Of its samples (`pixels.sum_of`), of some pictures: they must be the same when they are decoded again."""
    switched_to: str = ""
    """As `Frame.switched_to`."""


@dataclass(frozen=True)
class Left:
    """A picture was not worked on."""

    at: float
    index: int
    cause: str


@dataclass(frozen=True)
class Inferred:
    """A picture has depth."""

    at: float
    index: int
    seconds: float
    """That it took."""
    meaning: DepthMeaning = field(metadata={_READ: DepthMeaning})
    scale: float = 0.0
    offset: float = 0.0
    """value = offset + scale * pixel."""
    size: tuple[int, int] | None = field(default=None, metadata=_AS_SIZE)
    """(width, height) of the map, where it takes the upper left of its track's picture alone."""
    is_reused: bool = False
    """Whether it is that of the last picture before it once more."""
    is_kept: bool = True
    """Whether the session has it."""


@dataclass(frozen=True)
class Written:
    """A picture was drawn, and all outputs had it."""

    at: float
    index: int
    drawing: float
    writing: float
    """Seconds that both took."""


@dataclass(frozen=True)
class Turned:
    """The source is in another condition than before."""

    at: float
    state: SourceState = field(metadata={_READ: SourceState})
    reason: str
    since: float
    reconnects: int
    seconds_away: float


@dataclass(frozen=True)
class Told:
    """The run said something."""

    at: float
    line: str
    is_warning: bool = False


@dataclass(frozen=True)
class Happened:
    """An event of a zone."""

    at: float
    event: Mapping[str, Any]


@dataclass(frozen=True)
class Continued:
    """Pictures came in another form: the run goes on in another file."""

    at: float


@dataclass(frozen=True)
class Ended:
    """The run ended by itself, with this report."""

    at: float
    report: Mapping[str, Any]


Line = Began | Came | Left | Inferred | Written | Turned | Told | Happened | Continued | Ended
_KINDS: dict[str, type[Line]] = {
    "began": Began,
    "came": Came,
    "left": Left,
    "inferred": Inferred,
    "written": Written,
    "turned": Turned,
    "told": Told,
    "happened": Happened,
    "continued": Continued,
    "ended": Ended,
}
_PLAIN: Mapping[Any, Any] = {"float": float, "int": int, "str": str, "bool": bool}
"""By the types of fields as they are written above."""
_WORDS = {kind: word for word, kind in _KINDS.items()}


def text_of(line: Line) -> bytes:
    """A line as it is stored; what is as usual is left out."""
    given = ((one, getattr(line, one.name)) for one in fields(line))
    said = {one.name: value for one, value in given if one.default is MISSING or value != one.default}
    return json.dumps({"what": _WORDS[type(line)], **said}, default=_plain, ensure_ascii=False).encode()


def read_line(text: bytes) -> Line | None:
    """What a line says; None where this release knows nothing of its kind, or it is damaged."""
    try:
        said = json.loads(text)
        kind = _KINDS[said["what"]]
        return kind(**{one.name: _value(one, said) for one in fields(kind) if one.name in said})
    except (ValueError, KeyError, TypeError, ZeroDivisionError):
        return None


def _value(one: Field[Any], said: Mapping[str, Any]) -> Any:
    read, value = one.metadata.get(_READ, _PLAIN.get(one.type)), said[one.name]
    return value if read is None else read(value)


def _plain(value: object) -> object:
    if isinstance(value, Rectangle):
        return list(astuple(value))
    return value.value if isinstance(value, Enum) else str(value)
