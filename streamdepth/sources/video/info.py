"""What an open video says about itself: size, rate, unit and origin of its timestamps, length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import av
from av.video.frame import VideoFrame

from streamdepth.ffmpeg.changing_hdr import changing_hdr, is_in_dolby_colours
from streamdepth.ffmpeg.containers import has_running_clock, has_timestamps, length_of, open_container
from streamdepth.ffmpeg.deep_frames import is_deep
from streamdepth.ffmpeg.picture_from_frame import PictureMaker, hdr_transfer
from streamdepth.ffmpeg.rationals import fraction_of
from streamdepth.frames import CLOCK_TICK, Recording, SourceInfo
from streamdepth.sources.video.media import Media

_UNSEEN = "whether each picture of an animation is whole is seen in a file alone, and not at an address"
_ONE = "a single picture is at this address (--live asks a camera for it again and again)"
AT_ADDRESSES = {
    "gif": _UNSEEN,
    "apng": _UNSEEN,
    "webp_anim": _UNSEEN,  # since FFmpeg 9
    "webp_pipe": "of an animation in WebP an address gives the first picture alone, and a file all of them",
    "image2": _ONE,
    "jpeg_pipe": _ONE,
}
"""By the container, what FFmpeg does without a word, and the readers of files (`sources.images`) do not or need not."""
_HIGHEST_RATE = 1000
_KEPT_START = 5
"""Seconds at which a recording may begin of its own accord; from later on its clock is that of the broadcast."""


def describe(media: Media, pictures: PictureMaker, read_timeout: float) -> SourceInfo:
    """What is known once the first frame is decoded."""
    rate = frame_rate(media)
    return SourceInfo(
        *pictures.size,
        rate,
        media.live,
        read_timeout,
        time_base=time_base(media) if not media.live and has_timestamps(media.container) else None,
        frame_count=None if media.live else _frame_count(media, rate),
        origin=media.path,
        recording=None if media.live else recording_of(media),
        has_sound=bool(media.container.streams.audio),
        colours=pictures.colours,
        is_deep=pictures.is_deep,
        sample_aspect=_sample_aspect(media, turned=pictures.orientation.transpose),
    )


def frame_rate(media: Media) -> Fraction | None:
    """Average frames per second, exact; else FFmpeg's guess; None where neither makes sense.

    The average of a raw stream is made up; the guess is what the stream states, or 25 where it states nothing.
    """
    rates = (fraction_of(media.stream.average_rate), fraction_of(media.stream.guessed_rate))
    if not has_timestamps(media.container):
        rates = rates[::-1]
    return next((rate for rate in rates if rate and 0 < rate <= _HIGHEST_RATE), None)


def time_base(media: Media) -> Fraction:
    """Seconds per unit of the timestamps in the container."""
    return fraction_of(media.stream.time_base) or CLOCK_TICK


def time_origin(media: Media) -> int:
    """What to subtract from each timestamp, in units of `time_base`: the start of all tracks, where it says nothing.

    It says nothing where the clock of the format always runs, and where the recording would begin far from zero.
    """
    start = media.container.start_time
    if start is None or (0 <= start <= _KEPT_START * av.time_base and not has_running_clock(media.container)):
        return 0
    # Exact: a microsecond, FFmpeg's unit of the start, is finer than a tick of these formats.
    return round(Fraction(start, av.time_base) / time_base(media))


def shown_for(media: Media, frame: VideoFrame, *, number: int) -> Fraction | None:
    """Seconds that a frame, the `number`th from 1, is shown as far as the container says so.

    MP4 states how far apart packets are decoded, which behind a gap is another picture's; only for the whole track it
    states when the last picture ends. The last one is known by its number, and where an edit list leaves some out by
    its time.
    """
    stream, ticks = media.stream, frame.duration
    if stream.duration and frame.pts is not None:
        left = (stream.start_time or 0) + stream.duration - frame.pts
        if left > 0 and _is_mp4(media):
            ticks = min(ticks, left)
        ticks = max(ticks, left) if number == stream.frames or left < 2 * ticks else ticks
    return ticks * time_base(media) if ticks > 0 else None


def shown_times(media: Media) -> list[int]:
    """When pictures are shown, in order and in ticks, as packets say it: nothing is decoded."""
    with open_container(media.address) as container:
        stream = container.streams[media.stream.index]
        packets = container.demux(stream)
        return sorted(packet.pts for packet in packets if packet.pts is not None and not packet.is_discard)


def recording_of(media: Media) -> Recording:
    """What a sink needs to read the other tracks of this video."""
    start = time_origin(media) * time_base(media)
    return Recording(media.address, media.name, media.stream.index, start, media.timeout)


def of_hdr(first: VideoFrame, *, keeps_bits: bool) -> Iterator[str]:
    """What is said of a video in HDR, a sentence each; nothing of another."""
    if is_in_dolby_colours(first):
        yield (
            "the video is Dolby Vision of profile 5, whose colours cannot be decoded and come out wrong "
            "(convert it to HDR10 or SDR first)"
        )
    elif (transfer := hdr_transfer(first)) and keeps_bits and is_deep(first):
        yield f"the video is HDR ({transfer}) and stays so; depth lies over it as bright as captions (ITU-R BT.2408)"
        if changing := changing_hdr(first):
            yield f"left out: what {' and '.join(changing)} says of each scene; players go by {transfer} alone"
    elif transfer:
        yield f"the video is HDR ({transfer}); its brightness is mapped to SDR (ITU-R BT.2446)"


def less_a_pause(info: SourceInfo, media: Media, missing: int) -> SourceInfo:
    """With so many frames fewer, where their number was but the length times the rate."""
    if not missing or info.frame_count is None or media.stream.frames:
        return info
    return replace(info, frame_count=max(1, info.frame_count - missing))


def _frame_count(media: Media, rate: Fraction | None) -> int | None:
    if media.stream.frames:
        return _shown_by_edits(media) or media.stream.frames
    length = length_of(media.container)
    return None if rate is None or length is None else round(length * rate)


def _shown_by_edits(media: Media) -> int:
    """How many pictures are shown where an edit list may leave some out, or show some twice; 0 elsewhere."""
    return sum(not entry.is_discard for entry in media.stream.index_entries) if _is_mp4(media) else 0


def _is_mp4(media: Media) -> bool:
    """Or its like: MOV, 3GP."""
    return "mp4" in media.container.format.name


def _sample_aspect(media: Media, *, turned: bool) -> Fraction:
    aspect = fraction_of(media.stream.sample_aspect_ratio) or Fraction(1)
    return 1 / aspect if turned else aspect
