"""MP4 and MOV: fragments that become a plain film with its index in front when it is closed."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from streamdepth.sinks.movie.mp4_file import Mp4File
from streamdepth.sinks.movie.writing import Film

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream

_FRAGMENTS = {
    # A fragment is on disk, with its index, once the next one begins: what a killed process leaves plays. Large
    # pictures, which may take a second each, fill one soon.
    "frag_duration": "500000",
    "frag_size": "500000",
}
_RECORDED = _FRAGMENTS | {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "flush_packets": "1",
}
_RENDERED = _FRAGMENTS | {
    # The description of the tracks comes with the first fragment, when all of them have begun: it says how late the
    # picture is by its B-frames, so that picture and sound fit in what a killed process leaves.
    "movflags": "hybrid_fragmented+delay_moov+default_base_moof",
}
_RENDERED_AT_ONCE = _FRAGMENTS | {
    # For tracks that begin late: nothing waits for them. Only when the file is closed it says how late the picture is.
    "movflags": "hybrid_fragmented+empty_moov+default_base_moof",
    "use_editlist": "1",
}
_PATIENCE_OF_MUXER = "2000000"
"""Microseconds that packets of one track wait for those of another, so that what is on disk is not far behind."""
_MOST_MOVIE_TICKS = 1_000_000
"""With more of them a film of an hour would need 64-bit durations, which not every player reads."""
_INDEX_BYTES = 8_000
"""Of the index of any movie: what its tracks are."""
_INDEX_BYTES_OF_A_SECOND = 64
"""For where the two fragments of a second, at least, lie in the file."""
_INDEX_BYTES_OF_A_PICTURE = 14
_INDEX_BYTES_OF_SOUND = 100 * 5
"""A track and second: packets last 20 ms or more."""


class Fragments:
    """FFmpeg's hybrid fragments, and plain ones for what is recorded live; `flags` are further ones of its muxer."""

    def __init__(self, *flags: str) -> None:
        self._flags = flags

    def options(self, film: Film) -> dict[str, str]:
        """The options of the muxer."""
        chosen = _RECORDED if film.live else _RENDERED if film.waits_for_tracks else _RENDERED_AT_ONCE
        flags = {"movflags": "+".join([chosen["movflags"], *self._flags])}
        if film.live:
            return chosen | flags
        return {
            **chosen,
            **flags,
            "movie_timescale": str(_movie_ticks(film.time_base, film.sample_rates)),
            "max_interleave_delta": _PATIENCE_OF_MUXER,
            "moov_size": str(_room_for_index(film)),
        }

    def file(self, raw: io.FileIO) -> Mp4File:
        """The file under the muxer; takes over an empty one."""
        return Mp4File(raw)

    def shape(self, stream: VideoStream, file: Mp4File, size: tuple[int, int], aspect: Fraction) -> None:
        """The muxer knows it from the encoder, and H.265 gets the name by which Apple's players take it."""
        if stream.codec_context.codec.canonical_name == "hevc":
            stream.codec_context.codec_tag = "hvc1"

    def end(self, packets: Sequence[Packet[Any]], first: tuple[int, int], end: int) -> None:
        """Stretch the last packet: a file's length, counted in times of decoding, must reach the picture's end."""
        if packets:
            pts, dts = first
            decoded = (packets[-1].dts or 0) - dts
            packets[-1].duration = max(packets[-1].duration or 0, end - pts - decoded)


def _room_for_index(film: Film) -> int:
    """Bytes that the index takes at most, as far as it is known how long the source is."""
    of_second = _INDEX_BYTES_OF_A_SECOND + len(film.sample_rates) * _INDEX_BYTES_OF_SOUND
    return int(_INDEX_BYTES + film.pictures * _INDEX_BYTES_OF_A_PICTURE + film.seconds * of_second)


def _movie_ticks(time_base: Fraction, sample_rates: Sequence[int]) -> int:
    """Ticks a second in which the file says when each track starts: exact for the picture, and mostly for sound.

    The muxer's own 1000 would move a start by up to a millisecond.
    """
    ticks = time_base.denominator
    both = math.lcm(ticks, *sample_rates)
    ticks = both if both <= _MOST_MOVIE_TICKS else ticks
    return ticks if ticks >= 1000 else ticks * 1000
