"""What travels through the pipeline: a frame, a depth map, an estimate, a rendered frame."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, BGRImage, Picture
from streamdepth.values import dataclass, field

CLOCK_TICK = Fraction(1, 90_000)
"""Seconds: the unit of timestamps that come from a clock, as of video in RTP (RFC 3551, section 5) and in MPEG."""
BEYOND = 1000.0
"""Metres: what lies at or beyond infinity on the line to metres is as far as this."""


@dataclass(frozen=True)
class Recording:
    """What holds the other tracks of a video that has an end; `picture` is the index of the stream that is shown."""

    address: str = field(repr=False)
    """As FFmpeg opens it; it may hold a password."""
    name: str
    """As it may be shown."""
    picture: int
    start: Fraction = Fraction(0)
    """Seconds that the source takes off every timestamp: the other tracks must move as much."""
    timeout: tuple[float, float] | None = None
    """Seconds for opening and for each reading; None for a file."""
    skipped: Fraction = Fraction(0)
    """Seconds of the recording that are left out before the first picture; they are part of `start`."""
    lasts: Fraction | None = None
    """Seconds of the recording that are taken; None: all that follow."""


@dataclass(frozen=True)
class Colours:
    """How samples become light: code points of ITU-T H.273; 2 is "unspecified"."""

    primaries: int
    transfer: int
    matrix: int


@dataclass(frozen=True)
class SourceInfo:
    """What a source knows about itself before its first frame."""

    width: int
    """Pixels, as shown: after rotation."""
    height: int
    rate: Fraction | None
    """Nominal frames per second; None where there is none (a folder of images)."""
    live: bool
    """True: only the newest frame matters. False: every frame matters, in order."""
    read_timeout: float
    """Seconds within which `read` returns or raises."""
    kind: str = "video"
    """`camera`, `video`, `snapshot` (single pictures of a camera), `image`, `demo`: for the report."""
    time_base: Fraction | None = None
    """Unit of the timestamps in seconds; None where they come from a clock."""
    frame_count: int | None = None
    """How many frames are to come, as far as the container and what was read of it say: for the progress bar only."""
    origin: Path | None = None
    """The file itself (of several pictures, the first): a sink must not overwrite it."""
    recording: Recording | None = None
    """Where a sink finds the other tracks of a video; None where there is nothing to be read a second time."""
    has_sound: bool = False
    """Whether the source has sound, which not every sink takes."""
    colours: Colours | None = None
    """The source's colour tags, for encoders; None where it has none."""
    sample_aspect: Fraction = Fraction(1)
    """Width of a pixel over its height."""
    is_deep: bool = False
    """Whether pictures have their 10 bits beside their 8."""
    depth: Mapping[str, Any] | None = None
    """What is known, as JSON, of the depth that frames bring along; None where a network is needed."""
    map_size: tuple[int, int] | None = None
    """(width, height) of that depth, where it is known before it is read."""
    shows_depth: bool = False
    """Whether its pictures are nothing but that depth in grey."""
    begins: Fraction = Fraction(0)
    """Seconds of an excerpt's film before its first picture, which is at zero."""
    retold: bool = False
    """Whether a session knows what became of its frames: those that come are all worked on, live or not."""

    @property
    def picture_bytes(self) -> int:
        """About what a decoded picture takes."""
        return self.width * self.height * 3 // 2 * (3 if self.is_deep else 1)


def is_in_time(info: SourceInfo) -> bool:
    """Whether a picture goes on from the one before: those of a folder have nothing to do with each other."""
    return info.kind != "image" or info.rate is not None


@dataclass(frozen=True)
class SentPacket:
    """A part of an encoded stream, as it came."""

    data: bytes = field(repr=False)
    is_key: bool
    """Whether decoding can begin with it."""
    delay: Fraction = Fraction(0)
    """Seconds from its decoding to when it is shown."""


@dataclass(frozen=True)
class Sent:
    """What a picture was decoded from; `codec` is FFmpeg's name, `stretch` how much wider fitting made its pixels."""

    codec: str
    header: bytes = field(repr=False)
    """What the decoder gets before the first packet; empty where the packets say it."""
    packets: tuple[SentPacket, ...]
    """Those that were decoded since the picture before."""
    is_fresh: bool = False
    """Whether they lean on nothing before them."""
    stretch: Fraction = Fraction(1)


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source."""

    index: int
    """Counts what was captured, from 0; a gap is a drop."""
    pts: Fraction
    """Presentation timestamp in seconds, exact."""
    captured_at: float
    """`time.monotonic()` seconds when the picture was there."""
    picture: Picture
    name: str = ""
    """File name of the picture where it came from one."""
    shown_for: Fraction | None = None
    """Seconds that the source says it is shown, which counts for the last one; None where it says nothing."""
    pixel_aspect: Fraction = Fraction(1)
    """Width of a pixel over its height, as it is to be shown."""
    connection: int = 0
    """Counts the connections of a source that comes back: another number is another stream, its past gone."""
    switched_to: str = ""
    """What the input is called that was chosen in place of the first, whose zones are watched; empty of the first."""
    depth: DepthMap | None = None
    """The depth of what is inside the bars, where the source brings it along: then nothing is inferred."""
    sent: Sent | None = None
    """What it was decoded from, where it came encoded from a live source."""
    span: DepthRange | None = None
    """The values that span the colours of that depth, where it was recorded as it was shown."""
    measured: Measured | None = None
    """The distances that were known then."""
    exif: bytes = field(default=b"", repr=False)
    """Of its file, what is as true of its depth (when, where, whose); empty where that says nothing."""

    @property
    def bgr(self) -> BGRImage:
        """The picture as (H, W, 3) uint8 BGR."""
        return self.picture.bgr

    @property
    def i420(self) -> I420:
        """The picture as I420 planes."""
        return self.picture.i420


@dataclass(frozen=True)
class LeftOff:
    """How far an earlier run read a source that could wait."""

    index: int
    """Of the last frame that was worked on."""
    pts: Fraction
    """Of it, in seconds."""
    sum: int
    """Of its picture: `pixels.sum_of`."""
    taken: int
    """How many frames were worked on, up to it and with it."""
    first: Fraction
    """When the first of these is shown, in seconds."""


class DepthMeaning(Enum):
    """What a value of a depth map says."""

    INVERSE_RELATIVE = "inverse relative depth"
    """Proportional to 1 / distance up to an unknown scale and shift: larger is nearer."""
    INVERSE = "inverse depth"
    """1 / metres: larger is nearer, and 0 is without end."""
    DISTANCE_RELATIVE = "relative distance"
    """Proportional to the distance up to an unknown scale and shift: larger is farther."""
    METRES = "metres"
    """The distance itself."""

    @property
    def larger_is_nearer(self) -> bool:
        """Whether the larger of two values is the nearer one."""
        return self in (DepthMeaning.INVERSE_RELATIVE, DepthMeaning.INVERSE)


@dataclass(frozen=True, eq=False)
class DepthMap:
    """(h, w) float32, finite, in the size of the network, not of the picture; of what is inside its bars."""

    values: NDArray[np.float32]
    meaning: DepthMeaning = DepthMeaning.INVERSE_RELATIVE
    frame: Frame | None = field(default=None, repr=False)
    """What it is the depth of, where it comes from `streamdepth.stream` or from a recording that has pictures."""
    pts: Fraction | None = None
    """Timestamp of its picture in seconds, exact, where it comes from `streamdepth.stream` or `open_depth`."""
    name: str = ""
    """File name of its picture, where `open_depth` knows one."""
    network: str = field(default="", repr=False)
    """SHA-256 of the network that gave it, where a run may change that."""

    @property
    def metres(self) -> NDArray[np.float32] | None:
        """(h, w) metres where its meaning has that unit; None of relative depth."""
        if self.meaning is DepthMeaning.METRES:
            return self.values
        if self.meaning is DepthMeaning.INVERSE:
            return np.asarray(1.0 / np.maximum(self.values, np.float32(1e-6)), np.float32)
        return None


@dataclass(frozen=True, eq=False)
class Estimate:
    """A frame with its depth; `seconds` is what inference took."""

    frame: Frame
    depth: DepthMap
    seconds: float


@dataclass(frozen=True)
class DepthRange:
    """The depth values that get the first and the last colour."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class ScaledDepth:
    """A depth map as it is shown, in the size of the network, and the values that span its colours."""

    depth: DepthMap
    span: DepthRange


class SourceState(Enum):
    """How a live source is."""

    LIVE = "live"
    FROZEN = "frozen"
    """Pictures come, but it is the same one again and again."""
    AWAY = "away"
    """No pictures come; it is being tried again."""


@dataclass(frozen=True)
class Condition:
    """How a live source is, why, and since when."""

    state: SourceState = SourceState.LIVE
    reason: str = ""
    """A few words without an address, such as `connection refused`."""
    since: float = 0.0
    """`time.monotonic()` seconds of the last picture before it went away, or of the first that was repeated."""


@dataclass(frozen=True)
class Outages:
    """How often and how long a source was away so far."""

    reconnects: int = 0
    """Times that it came back."""
    seconds: float = 0.0
    """From the last picture before each outage to the first one after it, or until now."""


class PlayState(Enum):
    """What becomes of a recording that is shown to a viewer."""

    PLAYING = "playing"
    PAUSED = "paused"
    ENDED = "the end"


@dataclass(frozen=True)
class Playhead:
    """Where a viewer is in a recording."""

    state: PlayState
    place: str
    """`0:12 / 1:03`, or `3 / 12` of pictures."""
    trouble: str = ""
    """Why the last move was not made, in a few words."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What is known of the distances in one picture of a camera that was calibrated; `reason` is why there are none."""

    depth: DepthMap | None
    """In metres; None where they are withheld."""
    still: float
    """Share of the picture that the metres rest on, 0..1."""
    reason: str = ""
    inverse: tuple[float, float] | None = None
    """1 / metres = the first * depth + the second, of the depth that is shown; None where they are withheld."""
    points: int = 0
    """Of how many distances the metres are made."""
    error: float | None = None
    """Median relative error with which each distance is predicted from the others; None where they are too few."""


@dataclass(frozen=True, eq=False)
class Rendered:
    """An estimate with the picture that shows it; `estimate` keeps what the network gave."""

    estimate: Estimate
    picture: Picture
    """While `condition` is away the last one, dimmed, at the time of the clock; nothing was captured."""
    condition: Condition = Condition()
    scaled: ScaledDepth | None = None
    """The depth that `picture` shows, steadied, with the range that spans its colours; None where it shows none."""
    measured: Measured | None = None
    """Its distances, where the camera was calibrated."""

    @property
    def depth(self) -> DepthMap:
        """The depth that is shown, in the size of the network: steadied where the renderer does that."""
        return self.estimate.depth if self.scaled is None else self.scaled.depth

    @property
    def metres(self) -> NDArray[np.float32] | None:
        """(h, w) metres of the depth that is shown; None where it has no unit, or they are withheld."""
        depth = self.depth if self.measured is None else self.measured.depth
        return None if depth is None else depth.metres

    @property
    def is_stand_in(self) -> bool:
        """Whether it only stands in for the pictures of a source that is away."""
        return self.condition.state is SourceState.AWAY
