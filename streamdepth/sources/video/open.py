"""Video by an address; files that turn out to be video are opened here too."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from streamdepth.addresses import is_remote, mistake_in_address, redact_address, scheme_of
from streamdepth.errors import SourceError, Trouble
from streamdepth.protocols import Source
from streamdepth.sources.options import Kind, SourceOptions, Spec

if TYPE_CHECKING:
    from streamdepth.sources.video.source import VideoOptions, VideoSource


def open_video(spec: Spec, options: SourceOptions, patience: float = 0.0) -> VideoSource:
    """Open a file or an address once, each of whose pictures is waited for `patience` seconds at least.

    Those of an address whose user says that it gives few (`options.rate`) are waited for as that asks for.

    Raises as `VideoSource` does.
    """
    from streamdepth.sources.live.patience import patience_asked
    from streamdepth.sources.video.source import VideoSource

    video = _video_options(options, patience)
    asked = patience_asked(options.rate)
    return VideoSource(str(spec), replace(video, read_timeout=max(video.read_timeout, asked)))


def _video_options(options: SourceOptions, patience: float) -> VideoOptions:
    from streamdepth.sources.video.source import VideoOptions

    video = replace(options.video or VideoOptions(), keeps_bits=options.keeps_bits, notify=options.notify)
    video = replace(
        video,
        open_timeout=max(video.open_timeout, patience),
        read_timeout=max(video.read_timeout, patience),
    )
    return video if options.max_pixels is None else replace(video, limit=options.limit)


def open_address(spec: Spec, options: SourceOptions) -> Source:
    """Open what is at an address; what is live there comes back by itself."""
    from streamdepth.sources.live.patience import Connecting, patience_asked
    from streamdepth.sources.live.reconnecting import Persistence, open_reconnecting

    url = str(spec)
    check_address(url)
    persistence = options.persistence or Persistence()
    return open_reconnecting(
        Connecting(lambda patience: _open_once(url, options, patience), patience_asked(options.rate)),
        redact_address(url),
        persistence,
        notify=options.notify,
        is_stopped=options.is_stopped,
    )


def _open_once(url: str, options: SourceOptions, patience: float) -> Source:
    """What is at an address now: FFmpeg opens it, and a photo is asked for again and again where that is wanted."""
    video = open_video(url, options, patience)
    if not (options.polls and scheme_of(url) in ("http", "https") and _is_photo(video)):
        return video
    from streamdepth.sources.snapshot.source import SnapshotSource

    video.close()
    wanted = _video_options(options, patience)
    return SnapshotSource(url, options.rate, (wanted.open_timeout, wanted.read_timeout), options.limit)


def _is_photo(video: VideoSource) -> bool:
    with suppress(SourceError):  # of what cannot be read on: its next picture says so
        return video.is_photo()
    return False


def check_address(url: str) -> None:
    """Look how an address is written, without a connection; raises SourceError."""
    if mistake := mistake_in_address(url):
        raise SourceError(
            mistake.what, mistake.cure, Trouble.KIND_OF_ADDRESS if mistake.of_kind else Trouble.OTHER
        )


ADDRESS = Kind(
    lambda spec: is_remote(str(spec)), open_address, lambda spec, _options: check_address(str(spec))
)
