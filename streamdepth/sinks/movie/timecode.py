"""The timecode of a film: what its editor calls the first picture (SMPTE ST 12-1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

NAMES = frozenset({"timecode", "reel_name"})
"""What FFmpeg calls the two entries of it, of a track or of the whole film."""
_LABEL = re.compile(r"(\d\d):([0-5]\d):([0-5]\d)([:;.])(\d{2,3})")
_DROPS = 30
"""Labels are left out at 30000/1001 pictures a second, and its multiples, alone."""
_MOST = 255
"""Labels of a second: MP4 has a byte for their number."""


def keep_timecode(film: InputContainer, picture: Stream, movie: VideoStream, skipped: Fraction) -> str:
    """Give `movie` the timecode of the film's picture that is `skipped` seconds after its first.

    Returns one that does not go with the rate of `movie`, and is left out; empty where there is none of these.
    """
    entries = _entries(film, picture)
    label, rate = entries.get("timecode", ""), movie.average_rate
    if not label or rate is None:
        return label
    own = picture.average_rate if isinstance(picture, VideoStream) else None
    moved = moved_timecode(label, own or rate, rate, skipped)
    if moved is None:
        return label
    movie.metadata.update(entries | {"timecode": moved})
    return ""


def is_of_timecode(stream: Stream) -> bool:
    """Whether a track holds nothing but the timecode of others."""
    return stream.type == "data" and any(name.lower() in NAMES for name in stream.metadata)


def moved_timecode(label: str, own: Fraction, rate: Fraction, skipped: Fraction) -> str | None:
    """The timecode of what is `skipped` seconds behind `label`; None where there can be none at this rate.

    `label` counts pictures as they come at the rate `own`, and what is returned at `rate`.
    """
    match, labels = _LABEL.fullmatch(label), round(rate)
    if match is None or not 1 <= labels <= _MOST:
        return None
    hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
    frames = min(frames * labels // max(1, round(own)), labels - 1)
    dropped = labels // 15 if match[4] != ":" and _is_slowed(rate, labels) else 0
    minutes += 60 * hours
    count = (60 * minutes + seconds) * labels + frames - dropped * (minutes - minutes // 10)
    return _label(count + round(skipped * rate), labels, dropped)


def _is_slowed(rate: Fraction, labels: int) -> bool:
    return labels % _DROPS == 0 and abs(rate * 1001 / 1000 - labels) < Fraction(labels, 4000)


def _label(count: int, labels: int, dropped: int) -> str:
    """The label of the picture that so many come before; of each minute but every tenth the first are left out."""
    of_minute = 60 * labels - dropped
    tens, rest = divmod(count, 10 * of_minute + dropped)
    left_out = 9 * tens + (max(0, rest - dropped) // of_minute if dropped else 0)
    seconds, frames = divmod(count + dropped * left_out, labels)
    hours = seconds // 3600 % 24
    mark = ";" if dropped else ":"
    return f"{hours:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{frames:02d}"


def _entries(film: InputContainer, picture: Stream) -> dict[str, str]:
    """Of the picture, else of a track of timecodes, else of the whole film (MXF)."""
    tracks: Iterable[Stream] = filter(is_of_timecode, film.streams)
    found: Iterator[tuple[str, str]] = (
        (name.lower(), text)
        for table in (film.metadata, *(track.metadata for track in tracks), picture.metadata)
        for name, text in table.items()
        if name.lower() in NAMES and text
    )
    return dict(found)
