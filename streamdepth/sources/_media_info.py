"""What an open video says about itself: size, rate, unit and origin of its timestamps, length."""

from __future__ import annotations

from fractions import Fraction

import av

from streamdepth.frames import SourceInfo
from streamdepth.sources._media import Media
from streamdepth.sources._pictures import PictureMaker

_HIGHEST_RATE = 1000
_FALLBACK_TIME_BASE = Fraction(1, 90_000)
_ARBITRARY_ORIGINS = {"mpegts", "mpeg", "hls"}
"""Formats whose clock starts anywhere: it is set to zero at the start of the recording, sound included."""


def describe(media: Media, pictures: PictureMaker, read_timeout: float) -> SourceInfo:
    """What is known once the first frame is decoded."""
    rate = frame_rate(media)
    return SourceInfo(
        *pictures.size,
        rate,
        media.live,
        read_timeout,
        time_base=None if media.live else time_base(media),
        frame_count=None if media.live else _frame_count(media, rate),
        origin=media.path,
        origin_start=time_origin(media) * time_base(media),
        sample_aspect=_sample_aspect(media, turned=pictures.orientation.transpose),
    )


def frame_rate(media: Media) -> Fraction | None:
    """Average frames per second, exact; else FFmpeg's guess; None where neither makes sense."""
    rates = (media.stream.average_rate, media.stream.guessed_rate)
    return next((Fraction(rate) for rate in rates if rate and 0 < rate <= _HIGHEST_RATE), None)


def time_base(media: Media) -> Fraction:
    """Seconds per unit of the timestamps in the container."""
    return media.stream.time_base or _FALLBACK_TIME_BASE


def time_origin(media: Media) -> int:
    """What to subtract from each timestamp, in units of `time_base`."""
    start = media.container.start_time
    if start is None or media.container.format.name not in _ARBITRARY_ORIGINS:
        return 0
    # Exact: a microsecond, FFmpeg's unit of the start, is finer than a tick of these formats.
    return round(Fraction(start, av.time_base) / time_base(media))


def _frame_count(media: Media, rate: Fraction | None) -> int | None:
    if media.stream.frames:
        return media.stream.frames
    duration = media.container.duration
    return None if rate is None or duration is None else round(Fraction(duration, av.time_base) * rate)


def _sample_aspect(media: Media, *, turned: bool) -> Fraction:
    aspect = media.stream.sample_aspect_ratio or Fraction(1)
    return 1 / aspect if turned else aspect
