"""How a kind of container is written: the options of its muxer, and the file under it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from streamdepth.values import dataclass

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream


@dataclass(frozen=True)
class Film:
    """What is known of a movie before its first packet."""

    live: bool
    waits_for_tracks: bool
    """Whether the file is to say what its tracks are when all of them have a packet."""
    time_base: Fraction
    """Seconds per tick of the picture."""
    sample_rates: Sequence[int]
    """Of each track of sound."""
    seconds: Fraction
    """How long it may become, as far as that is known."""
    pictures: int
    """The like."""


class MovieFile(Protocol):
    """What PyAV writes to. Raises what the system says, also through PyAV."""

    def write(self, data: bytes) -> int:
        """Called by PyAV."""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Called by PyAV."""

    def tell(self) -> int:
        """Called by PyAV."""

    def begin_closing(self) -> None:
        """The muxer writes its last from now on."""

    @property
    def has_index(self) -> bool:
        """Whether the index is safe, whatever the muxer says of its own attempt to write it."""

    def complete(self, shown: Fraction) -> None:
        """The muxer is done; the picture is `shown` for so long (s)."""

    def give_up(self) -> None:
        """What is still written is lost."""

    def close(self) -> None:
        """Release the file."""


class Writing(Protocol):
    """One way to write, for one or more containers."""

    def options(self, film: Film) -> dict[str, str]:
        """The options of the muxer."""

    def file(self, raw: io.FileIO) -> MovieFile:
        """What it writes to; takes over an empty file."""

    def shape(self, stream: VideoStream, file: Any, size: tuple[int, int], aspect: Fraction) -> None:
        """Say that a pixel of a stream of that size, in what `file` gave, is `aspect` times as wide as high."""

    def end(self, packets: Sequence[Packet[Any]], first: tuple[int, int], end: int) -> None:
        """Say in the last packets of the picture that it ends at `end`; `first` are pts and dts of the first packet.

        All are ticks of the packets' time base.
        """
