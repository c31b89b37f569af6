"""Opening a video, a file or an address, through PyAV."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import av.error
from av.codec.context import Flags
from av.container import InputContainer
from av.stream import Discard
from av.video.stream import VideoStream

from streamdepth.addresses import RECORDED_SCHEMES, local_path, redact_address, scheme_of
from streamdepth.errors import SourceError
from streamdepth.ffmpeg import errors
from streamdepth.ffmpeg.containers import (
    IN_SEGMENTS,
    best_picture,
    file_address,
    has_alpha_aside,
    is_of_other_quality,
    open_container,
    open_file,
)
from streamdepth.ffmpeg.cropping import Cropping, cropping_of
from streamdepth.ffmpeg.lost import OpenFile
from streamdepth.ffmpeg.sizes import decoder_options
from streamdepth.ffmpeg.torn import is_torn_within
from streamdepth.machine import processors
from streamdepth.pixel_limit import USUAL, PixelLimit
from streamdepth.protocols import Notify, silent
from streamdepth.sources.video.parts import AT_ONCE, BETWEEN_PARTS, IN_PARTS
from streamdepth.sources.video.suffixes import may_be_flv
from streamdepth.values import dataclass, field

_TEXT_FORMATS = {"tty"}
"""FFmpeg would draw a text file as pictures of text."""
_LOOKED_AT_FOR_A_SECOND = {"analyzeduration": "1000000"}
"""Of FLV, whose head may announce sound that never comes, or none at all: FFmpeg would look for it for up to 90 s."""
MAKES_UP = "hevc"
"""The codec whose decoder gives nothing that leans on a lost picture, up to the next key frame, unless it is asked."""
_MAX_THREADS = 4
_PIXELS_PER_THREAD = 1_000_000
"""Of a file's picture: below, FFmpeg's threads cost more in waiting for each other than they gain; each holds one."""


@dataclass(frozen=True)
class VideoOptions:
    """How a video is opened and decoded; the defaults suit nearly all.

    The time-outs, in seconds, are for addresses: a local file is bounded by its disk alone.
    """

    open_timeout: float = 10.0
    """How long the connection, the search for the streams and the first picture may each take."""
    keyframe_timeout: float = 60.0
    """How much longer the first picture may take where others come that lean on one sent before."""
    read_timeout: float = 5.0
    """How long each further packet and each further picture may take."""
    rtsp_transport: Literal["tcp", "udp"] = "tcp"
    """What is tried first, the other one next: TCP loses nothing and passes firewalls."""
    threads: int | None = None
    """Threads of the decoder; None is one per processor, four at most."""
    limit: PixelLimit = USUAL
    """How large its pictures may be."""
    keeps_bits: bool = False
    """Whether pictures of 10 bits have these beside their 8, HDR as it is."""
    notify: Notify = field(default=silent, compare=False)
    """Gets a line about what opening waits for."""
    is_in_parts: bool = False
    """Whether an address sends JPEGs between lines of text, which are passed over: see `parts`."""


@dataclass(frozen=True)
class Media:
    """An open container with the stream that is shown."""

    container: InputContainer
    stream: VideoStream
    name: str
    """As it may be shown: without a password."""
    path: Path | None
    """The file; None where it came from an address."""
    live: bool
    address: str = field(repr=False)
    """As FFmpeg opened it."""
    timeout: tuple[float, float] | None
    """Seconds for opening and for each reading; None for a file."""
    limit: PixelLimit
    size: int | None = None
    """Bytes of the file when it was opened."""
    file: OpenFile | None = None
    """The file once more; None of an address."""
    cropping: Cropping | None = None
    """What of each picture is not shown."""

    def remarks(self) -> Iterator[str]:
        """What keeps what was read from being all there is, one sentence each; of an address hardly any."""
        if has_alpha_aside(self.container):
            yield "the transparency of the animation is not shown; what is clear has the colour that is stored for it"
        if self.path is not None and is_torn_within(self.path):
            yield "the recording is damaged within; what could not be read is missing"
        now = _size_of(self.path)
        if self.size is None or now is None or now == self.size:
            return
        if now > self.size:
            yield "the file grew while it was read; what came later may be missing"
        else:
            yield "the file became shorter while it was read; what is missing is not there any more"

    @property
    def comes_in_segments(self) -> bool:
        """Whether it is live and comes seconds at a time."""
        return self.live and self.container.format.name in IN_SEGMENTS

    @property
    def failure(self) -> OSError | None:
        """What keeps the file from being read to its end now; None where nothing does, and of an address."""
        return None if self.file is None else self.file.failure()

    def close(self) -> None:
        """Release the file or the connection."""
        self.container.close()
        if self.file is not None:
            self.file.close()


def _size_of(path: Path | None) -> int | None:
    try:
        return None if path is None else path.stat().st_size
    except OSError:
        return None


def open_media(path_or_url: str, options: VideoOptions, clock: Callable[[], float]) -> Media:
    """Open the container and choose its video; raises SourceError and its kin, never anything of FFmpeg's."""
    path = local_path(path_or_url)
    if path is not None:
        return _media(path_or_url, str(path), path, open_file(path, _decoder_options(options)), options)
    name = redact_address(path_or_url)
    return _media(path_or_url, name, None, _open_address(path_or_url, name, options, clock), options)


def _media(url: str, name: str, path: Path | None, container: InputContainer, options: VideoOptions) -> Media:
    size = _size_of(path)
    try:
        _refuse_stacked(container, name)
        stream = _choose_stream(container, name, path)
        options.limit.check_video(name, stream.codec_context.width, stream.codec_context.height)
        live = path is None and (options.is_in_parts or _is_live(url, container, stream))
        _configure_decoder(stream, live, options)
        if container.format.name in IN_SEGMENTS:
            _leave_out_others(container, stream, live=live)
        file = None if path is None else OpenFile(path, name)
        cropping = cropping_of(stream)
    except BaseException:
        container.close()
        raise
    address = url if path is None else file_address(path)
    timeout = (options.open_timeout, options.read_timeout) if path is None else None
    return Media(container, stream, name, path, live, address, timeout, options.limit, size, file, cropping)


def _refuse_stacked(container: InputContainer, name: str) -> None:
    """A recording with depth is read from a path: as a film it would be a picture above another."""
    if not any(key.startswith("STREAMDEPTH") for key in container.metadata):
        return  # most films: what reads recordings need not be loaded
    from streamdepth.depthfiles.stacked_film import is_stacked

    if is_stacked(container):
        what = f"{name} carries depth beside its picture, which is read from a file alone"
        raise SourceError(what, "keep it, as with curl -o street.mkv ADDRESS, and name --input street.mkv")


def _open_address(url: str, name: str, options: VideoOptions, clock: Callable[[], float]) -> InputContainer:
    started = clock()
    try:
        timeout = (options.open_timeout, options.read_timeout)
        wanted = _protocol_options(url, options) | _decoder_options(options)
        if options.is_in_parts:
            return open_container(url, timeout, wanted | AT_ONCE, BETWEEN_PARTS)
        if may_be_flv(url):
            found = open_container(url, timeout, wanted | _LOOKED_AT_FOR_A_SECOND)
            if _has_no_end(url, found) and found.streams.video:
                return found
            found.close()  # of a recording the tracks that begin later are wanted, too
        return open_container(url, timeout, wanted)
    except av.error.FFmpegError as error:
        # Interrupted, some protocols report a broken stream or an I/O error: the clock shows which it was.
        timed_out = isinstance(error, av.error.ExitError) or clock() - started >= options.open_timeout
        if timed_out:
            raise errors.no_answer(error, name, options.open_timeout) from error
        raise errors.cannot_open(error, name, None, url) from error


def _protocol_options(url: str, options: VideoOptions) -> dict[str, str]:
    """Of a camera: either transport where it refuses the other, and TCP where nothing comes by UDP (a firewall)."""
    if scheme_of(url) not in ("rtsp", "rtsps"):
        return {}
    prefers_tcp = options.rtsp_transport == "tcp"
    # By UDP, silence for so long turns FFmpeg to TCP, and opening must have time left for that.
    patience = options.open_timeout if prefers_tcp else options.open_timeout / 2
    return {
        "rtsp_transport": "udp+tcp",  # a set, of which FFmpeg takes UDP first
        "rtsp_flags": "prefer_tcp" if prefers_tcp else "0",
        "timeout": str(int(patience * 1e6)),
        # Pictures are not counted first to find their rate, which the session description has: that takes a second.
        "fpsprobesize": "0",
        # Sound that is announced, and of which nothing comes, would be waited for for 5 s.
        "analyzeduration": "500000",
    }


def _decoder_options(options: VideoOptions) -> dict[str, str]:
    """Also for those that only look how large the pictures are: they decode the first."""
    return decoder_options(options.limit.video)


def _choose_stream(container: InputContainer, name: str, path: Path | None) -> VideoStream:
    """The best video stream that is no cover picture."""
    if container.format.name in _TEXT_FORMATS:
        raise errors.no_video(name, path, audio=False)
    stream = best_picture(container)
    if stream is None:
        raise errors.no_video(name, path, audio=bool(container.streams.audio))
    if stream.codec_context is None:
        raise errors.no_decoder(name)
    return stream


def _leave_out_others(container: InputContainer, stream: VideoStream, *, live: bool) -> None:
    """Other qualities of what is shown are not fetched; live, nothing else is."""
    for one in container.streams:
        if one.index != stream.index and (live or is_of_other_quality(one, stream)):
            one.discard = Discard.all


def _is_live(url: str, container: InputContainer, stream: VideoStream) -> bool:
    """Whether the address streams without an end, as opposed to a recording of known size or duration."""
    # A live fragmented MP4 states the duration of what has been seen so far.
    fragmented = "mp4" in container.format.name and not stream.frames
    return _has_no_end(url, container) or (fragmented and not _has_size(container))


def _has_no_end(url: str, container: InputContainer) -> bool:
    """Whether neither a size nor a duration is known of what is at an address."""
    if scheme_of(url) not in RECORDED_SCHEMES or container.format.name == IN_PARTS:
        return True  # parts that replace each other have no end, whatever length a camera makes up for them
    return container.duration is None and not _has_size(container)


def _has_size(container: InputContainer) -> bool:
    return container.format.name not in IN_SEGMENTS and (container.size or 0) > 0


def threads_of_file(width: int, height: int, cores: int) -> int:
    """Threads that decode a file of this size, on so many cores."""
    return max(1, min(math.ceil(width * height / _PIXELS_PER_THREAD), _MAX_THREADS, cores))


def _configure_decoder(stream: VideoStream, live: bool, options: VideoOptions) -> None:
    """Files decode several frames at once; live ones the slices of one, which adds no delay."""
    context = stream.codec_context
    cores = processors()
    worthwhile = cores if live else threads_of_file(context.width, context.height, cores)
    context.thread_count = options.threads or min(worthwhile, _MAX_THREADS)
    context.options = _decoder_options(options)
    context.thread_type = "SLICE" if live else "AUTO"
    if not live and context.name == MAKES_UP:
        context.flags |= Flags.output_corrupt
    if live and not context.has_b_frames:
        context.flags |= Flags.low_delay
