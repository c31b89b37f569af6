"""Opening containers, and what their formats promise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import Container, InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from streamdepth.addresses import scheme_of
from streamdepth.ffmpeg.errors import cannot_open, check_file
from streamdepth.ffmpeg.rationals import fraction_of
from streamdepth.imaging.png import PNG_START

IN_SEGMENTS = frozenset({"hls", "dash"})
"""Formats whose pictures come seconds at a time, and may be there in several qualities."""
_QUALITY = "variant_bitrate"
"""Of a track: bits a second that its playlist has with all tracks of that quality, as FFmpeg notes it."""
_LARGEST_LIVE = 1920 * 1080
"""Pixels: what viewers are sent is no larger, and each processor decodes it in time."""
_TS_DISCONT = 0x200
"""AVFMT_TS_DISCONT of libavformat/avformat.h; PyAV hands flags on as a number, with bits that its enum lacks."""
_NO_TIMESTAMPS = 0x80
"""AVFMT_NOTIMESTAMPS."""
_TELL_THEIR_END = ("matroska", "nut", "asf")
"""Of these FFmpeg gives the end as their length; of others (MP4, FLV, Ogg, MPEG-TS) it is how long they are."""
_OF_THE_WEB = {"reconnect": "1", "reconnect_on_network_error": "1", "reconnect_delay_max": "1"}
"""Twice more, within a second, and only of what has an end: it goes on with the byte that is wanted next.

The second of them is needed on a line without faults, too: FFmpeg 8.1 asks again on a connection that it had asked to
be closed, and loses packets where the server has done so without a word.
"""
_ANY_NAMES = {"extension_picky": "0"}
"""Of a playlist's segments, which need not end as films do (RFC 8216). Those of the web lead to the web alone."""
_ANY_TEXT: dict[str, Any] = (
    {"metadata_errors": "surrogateescape"} if hasattr(InputContainer, "metadata_errors") else {}
)
"""PyAV 18 opens no file that has text in another encoding than UTF-8 unless it is asked for what 19 does anyway."""
_EQUAL_PIECES = frozenset({"dv"})
"""Formats in which FFmpeg goes on with the next picture if it is asked once more."""
_MOST_PASSED_OVER = 1000
"""Pictures of one film."""
_FILE = "file:"
_ANIMATIONS = frozenset({"avis", "msf1", "hevc", "hevx"})
"""Brands of films that are animated pictures (ISO/IEC 23008-12), in AVIF and HEIC."""
_MARK = "\N{REPLACEMENT CHARACTER}"


def file_address(path: Path) -> str:
    """How FFmpeg opens a file: without the prefix, a colon in its name would be read as a protocol."""
    return f"{_FILE}{path}"


def open_file(path: Path, options: dict[str, str] | None = None) -> InputContainer:
    """Open a file, whatever its name; raises `SourceError`."""
    name = str(path)
    check_file(path, name)
    try:
        return open_container(file_address(path), options=options)
    except av.error.FFmpegError as error:
        raise cannot_open(error, name, path) from error


def open_container(
    address: str,
    timeout: tuple[float, float] | None = None,
    options: dict[str, str] | None = None,
    demuxer: str | None = None,
) -> InputContainer:
    """Open what is at an address; `timeout` is in seconds, for opening and for each reading.

    A recording on a web server is asked for again where the connection is lost. Text and `demuxer` are as of
    `open_input`. Raises FFmpeg's errors.
    """
    if address.startswith(_FILE) and "%" in address:
        demuxer = demuxer or _of_animation(Path(address.removeprefix(_FILE)))
    web = _OF_THE_WEB | _ANY_NAMES if scheme_of(address) in ("http", "https") else {}
    return open_input(address, timeout, {**web, **(options or {})}, demuxer)


def _of_animation(path: Path) -> str | None:
    """The demuxer of a PNG: by a name such as `cat%20dance.png` FFmpeg takes it for one of many photos."""
    with suppress(OSError), path.open("rb") as file:
        return "apng" if file.read(len(PNG_START)) == PNG_START else None
    return None


def open_input(
    file: str | BytesIO,
    timeout: tuple[float, float] | None = None,
    options: dict[str, str] | None = None,
    demuxer: str | None = None,
) -> InputContainer:
    """Open an address or what is held in memory, where anybody may have written what it says of itself.

    Text that is no UTF-8 is read as Windows writes it in western Europe; what of UTF-8 is damaged gets marks. `timeout`
    is in seconds, for opening and for each reading. FFmpeg chooses the `demuxer` by what comes, unless it is named.
    Raises FFmpeg's errors.
    """
    container: InputContainer = av.open(
        file, mode="r", format=demuxer, options=options, timeout=timeout, **_ANY_TEXT
    )
    _make_readable([container.metadata, *(stream.metadata for stream in container.streams)])
    return container


def demuxed(
    container: InputContainer, *streams: Stream, passed_over: Callable[[], None] = lambda: None
) -> Iterator[Packet[Stream]]:
    """The packets of `streams`, or of all tracks, and an empty one of each at the end, as PyAV gives them.

    A track that turns up on the way (FLV, MPEG-TS and MPEG-PS may add one; behind damage FFmpeg takes rubbish for one)
    is left out: PyAV, which does not know it, fails over it at the end. Raises FFmpeg's errors; but where pictures lie
    at equal distances (a tape in DV), one that is damaged is passed over, as `passed_over` is told.
    """
    left = _MOST_PASSED_OVER
    while True:
        try:
            yield from container.demux(*streams)
        except IndexError:  # the known tracks come first, so each has had its last packet
            return
        except av.error.InvalidDataError:
            if container.format.name not in _EQUAL_PIECES or not left:
                raise
            left -= 1
            passed_over()
        else:
            return


def chapters_of(container: InputContainer) -> list[dict[str, Any]]:
    """Its chapters as PyAV gives them, with text and units as everywhere here."""
    chapters: list[dict[str, Any]] = [dict(chapter) for chapter in container.chapters()]
    _make_readable(chapter["metadata"] for chapter in chapters)
    return [{**chapter, "time_base": fraction_of(chapter["time_base"])} for chapter in chapters]


def _make_readable(tables: Iterable[dict[str, str]]) -> None:
    for table in tables:
        readable = {_readable(name): _readable(text) for name, text in table.items()}
        table.clear()
        table.update(readable)


def _readable(text: str) -> str:
    if text.isascii():
        return text
    data = text.encode(errors="surrogateescape")
    as_utf8 = data.decode(errors="replace")
    if _MARK in as_utf8 and as_utf8.replace(_MARK, "").isascii():  # not one letter beyond ASCII can be read
        return data.decode("cp1252", errors="replace")
    return as_utf8


def has_running_clock(container: InputContainer) -> bool:
    """Whether the format's clock is that of a broadcast: it starts anywhere, and may jump (MPEG-TS, MPEG-PS, HLS)."""
    return bool(container.format.flags & _TS_DISCONT)


def is_by_name(container: InputContainer) -> bool:
    """Whether FFmpeg takes it for a picture as its name ends so, whatever is in it."""
    return container.format.name == "image2"


def is_of_pictures(container: InputContainer) -> bool:
    """Whether it is photos, one or more, as read by FFmpeg's `image2`, `jpeg_pipe`, `png_pipe` and so on."""
    return is_by_name(container) or container.format.name.endswith("_pipe")


def pictures_in(container: InputContainer) -> list[VideoStream]:
    """The tracks of video that are no cover pictures."""
    return [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]


def best_picture(container: InputContainer) -> VideoStream | None:
    """The track of a recording that is shown: FFmpeg's choice; None where there is none but covers.

    A still that a phone or an editor puts beside the film is none as long as there is another: its one picture is many
    bits in a short time, which FFmpeg takes for quality. Of a camera it is the first, with each connection the same:
    FFmpeg would choose the one of which more came at the start. Of the qualities of a playlist it is the largest. Of an
    animation it is the first: how transparent that is is another track, of more bits where colours are flat.
    """
    videos = pictures_in(container)
    if container.format.name == "rtsp":
        return videos[0] if videos else None
    if container.format.name in IN_SEGMENTS:
        return _best_quality(videos, is_live=container.duration is None)
    best = container.streams.best("video")
    videos = [video for video in videos if video.frames != 1] or videos  # 0 where the container does not say
    first = videos[0] if videos else None
    if _is_animation(container):
        return first
    return next((video for video in videos if best is not None and video.index == best.index), first)


def _best_quality(videos: list[VideoStream], *, is_live: bool) -> VideoStream | None:
    """The largest; live, of those up to `_LARGEST_LIVE`, as long as there are some."""
    contexts = {video.index: video.codec_context for video in videos}  # None without a decoder
    sizes = {index: context.width * context.height if context else 0 for index, context in contexts.items()}
    fitting = [one for one in videos if sizes[one.index] <= _LARGEST_LIVE] if is_live else videos
    if not fitting:
        return min(videos, key=lambda one: sizes[one.index], default=None)
    return max(fitting, key=lambda one: (sizes[one.index], int(one.metadata.get(_QUALITY) or 0)))


def is_of_other_quality(track: Stream, picture: VideoStream) -> bool:
    """Whether a track of a playlist goes with another quality than `picture`; what goes with several says none."""
    own, other = picture.metadata.get(_QUALITY), track.metadata.get(_QUALITY)
    return None not in (own, other) and own != other


def is_part_of(track: Stream, picture: VideoStream) -> bool:
    """Whether a track is nothing beside `picture`: another quality, or of an animation a still or its transparency."""
    is_animated = isinstance(track, VideoStream) and _is_animation(picture.container)
    return is_animated or is_of_other_quality(track, picture)


def has_alpha_aside(container: InputContainer) -> bool:
    """Whether a second track of an animation says how transparent the first is."""
    return _is_animation(container) and sum(video.frames > 1 for video in container.streams.video) > 1


def _is_animation(container: Container) -> bool:
    return container.metadata.get("major_brand") in _ANIMATIONS


def length_of(container: InputContainer) -> Fraction | None:
    """Seconds of what it holds; None where it does not say."""
    if container.duration is None:
        return None
    duration, start = container.duration, max(0, container.start_time or 0)
    if duration > start and container.format.name.startswith(_TELL_THEIR_END):
        duration -= start
    return Fraction(duration, av.time_base)


def has_timestamps(container: InputContainer) -> bool:
    """Whether the format says when a picture is shown; a raw stream, as cameras write it, does not."""
    return not container.format.flags & _NO_TIMESTAMPS
