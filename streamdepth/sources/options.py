"""What a source is asked for, and what one kind of input is to the registry."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.pixel_limit import PixelLimit
from streamdepth.protocols import Notify, Source, silent
from streamdepth.values import dataclass, field

if TYPE_CHECKING:
    from streamdepth.sources.live.reconnecting import Persistence
    from streamdepth.sources.video.media import VideoOptions

Spec = str | int | Path
"""A word, a number, a path or an address, as it was typed."""


def _never() -> bool:
    return False


@dataclass(frozen=True)
class SourceOptions:
    """What a source is asked for; each source takes what concerns it."""

    size: tuple[int, int] | None = None
    """Width and height of the camera or the demo; None is the camera's own, and 1280x720 (also asked of a browser)."""
    rate: Fraction | None = None
    """Frames per second of the camera or the demo; None is the camera's own, and 30.

    Of an address how often single pictures are asked for (None: once a second), or how rarely a slow camera sends one.
    """
    polls: bool = False
    """Whether a single picture at an http address is what a camera sees, and asked for again and again."""
    picture_rate: Fraction | None = None
    """Pictures per second of a folder or pattern; None is one a second, which have nothing to do with each other."""
    duration: Fraction | int | None = 10
    """Seconds of the demo; None is endless."""
    same_size: bool = False
    """Whether what browsers send is fitted into the first picture's size: some outputs cannot change theirs."""
    max_pixels: int | None = None
    """The most pixels of a picture; None is what `PixelLimit` has for a video and for a photo."""
    keeps_bits: bool = False
    """Whether pictures of 10 bits have these beside their 8: for a movie that keeps them."""
    live: bool = False
    """The demo as a camera: in real time, and only the newest frame counts."""
    seed: int = 0
    """Which demo."""
    video: VideoOptions | None = None
    """How a file or an address is opened; None is the defaults."""
    persistence: Persistence | None = None
    """How long a live address is held on to; None is the defaults: it is connected again for ever."""
    notify: Notify = field(default=silent, compare=False)
    """Gets one line when a live address is lost, waited for or back."""
    is_stopped: Callable[[], bool] = field(default=_never, compare=False)
    """Whether what is not open yet need not be opened any more."""

    @property
    def limit(self) -> PixelLimit:
        """How large pictures may be; nothing larger is decoded."""
        return PixelLimit.of(self.max_pixels)


def _nothing_to_check(_spec: Spec, _options: SourceOptions) -> None:
    return None


def _no_files(_spec: Spec) -> list[Path]:
    return []


@dataclass(frozen=True)
class Kind:
    """One kind of input in the registry: each function is given what was typed."""

    is_meant: Callable[[Spec], bool]
    """Whether this kind is meant, where none before it in the registry is."""
    open: Callable[[Spec, SourceOptions], Source]
    """Raises as `open_source` does."""
    check: Callable[[Spec, SourceOptions], None] = _nothing_to_check
    """Find out what can be wrong without leaving anything open; raises as `open` does."""
    files: Callable[[Spec], list[Path]] = _no_files
    """What it reads of this machine's disk."""
