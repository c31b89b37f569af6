"""An animated GIF or PNG as a source: FFmpeg decodes it, up to the first picture that is damaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain, repeat
from typing import Protocol

from streamdepth.counted import counted
from streamdepth.errors import SourceError
from streamdepth.frames import Frame, SourceInfo
from streamdepth.protocols import Seekable, Source, warnings_of
from streamdepth.sources.images.whole_pictures import Damaged, EndUnknown

_NONE_YET = Fraction(-1)


class Decoder(Source, Seekable, Protocol):
    """What decodes all pictures of a file."""


class Animation:
    """The pictures of `decoder`, each of which `whole` reports as whole: see `whole_pictures`.

    The first that is not ends it, with a warning: what FFmpeg draws from there on is no picture of the file. Takes over
    the decoder. Raises SourceError where already the first picture is damaged; `name` is what sentences begin with.
    """

    def __init__(self, decoder: Decoder, whole: Iterator[None], name: str) -> None:
        self._decoder = decoder
        self._whole = whole
        self._name = name
        self._damage: list[str] = []
        self._count = 0
        self._last = _NONE_YET
        """When the picture that was read last is shown."""
        self._end: Fraction | None = None
        """The same of the last one before the damage, once that is known."""
        if not self._is_next_whole():
            decoder.close()
            what = f"{name} is damaged: its first picture cannot be decoded"
            raise SourceError(what, "check that it opens elsewhere")
        self._whole = chain((None,), self._whole)

    @property
    def info(self) -> SourceInfo:
        """What the whole file says."""
        return self._decoder.info

    @property
    def warnings(self) -> Sequence[str]:
        """One sentence each; complete once `read` has returned None."""
        return [*warnings_of(self._decoder), *self._damage]

    @property
    def length(self) -> Fraction | None:
        """Seconds of the whole file; None where it does not say."""
        return self._decoder.length

    def read(self) -> Frame | None:
        """The next picture, None after the last; raises as the decoder does."""
        if self._end is None and not self._is_next_whole():
            self._end = self._last
            self._damage.append(
                f"{self._name} is damaged after {counted(self._count, 'picture')}; the rest was left out"
            )
        if self._end is not None and self._last >= self._end:
            return None
        frame = self._decoder.read()
        if frame is None or (self._end is not None and frame.pts > self._end):
            return None
        self._count, self._last = self._count + 1, frame.pts
        return frame

    def seek(self, position: Fraction) -> None:
        """As the decoder does. Which pictures are whole is no longer looked at, but those before known damage come."""
        self._decoder.seek(position)
        self._whole, self._last = repeat(None), _NONE_YET

    def close(self) -> None:
        """Release the decoder."""
        self._decoder.close()

    def _is_next_whole(self) -> bool:
        try:
            next(self._whole, None)
        except Damaged:
            return False
        except EndUnknown:
            pictures = counted(self._count, "picture")
            self._damage.append(
                f"{self._name} marks no end: its {pictures} are whole, and whether others followed is not known"
            )
        return True
