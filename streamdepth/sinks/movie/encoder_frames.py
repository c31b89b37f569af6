"""What an encoder of a movie is given: pictures as frames in its layout, with the bits that the first one has."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from av.video.frame import VideoFrame

from streamdepth.ffmpeg.colours import ColourTags
from streamdepth.ffmpeg.deep_frames import DEEP, DeepFrame
from streamdepth.ffmpeg.frame_from_picture import ReusedFrame, planes_of, relaid
from streamdepth.frames import Colours
from streamdepth.pixels import Mastering, Picture
from streamdepth.sinks.movie.codecs import PLAIN, Codec


class _Filled(Protocol):
    width: int
    height: int
    tags: ColourTags

    def fill(self, picture: Picture, pts: int, time_base: Fraction) -> VideoFrame: ...


class EncoderFrames:
    """Frames for one encoder, and how it must be set up for them."""

    def __init__(self, first: Picture, stated: Colours | None, codec: Codec) -> None:
        self._filled: _Filled
        self.mastering: Mastering | None = None
        """What HDR says of all its pictures; None where it is not encoded as such, or says nothing."""
        if first.deep is not None and codec.deep:
            self.mastering = first.deep.mastering
            self._filled, own, self.layout = (
                DeepFrame(first.deep, odd=codec.takes_odd_sizes),
                DEEP,
                codec.deep,
            )
        else:
            self._filled, own, self.layout = (
                _Plain(first, stated, odd=codec.takes_odd_sizes),
                PLAIN,
                codec.pixels,
            )
        self._is_relaid = self.layout != own
        tags = self._filled.tags
        self.tags = tags.of_prores if self._is_relaid else tags
        """Of what is encoded."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self._filled.width, self._filled.height

    def fill(self, picture: Picture, pts: int, time_base: Fraction) -> VideoFrame:
        """A frame with this picture, at `pts` ticks of `time_base` seconds; valid until the next call."""
        frame = self._filled.fill(picture, pts, time_base)
        return relaid(frame, self.layout, self._filled.tags) if self._is_relaid else frame


class _Plain:
    """Of 8 bits."""

    def __init__(self, first: Picture, stated: Colours | None, *, odd: bool) -> None:
        self._stated = stated
        self._frame = ReusedFrame(planes_of(first, stated), stated, odd=odd)
        self.width, self.height, self.tags = self._frame.width, self._frame.height, self._frame.tags

    def fill(self, picture: Picture, pts: int, time_base: Fraction) -> VideoFrame:
        return self._frame.fill(planes_of(picture, self._stated), pts, time_base)
