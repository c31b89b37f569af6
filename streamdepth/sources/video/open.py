"""Video by an address; files that turn out to be video are opened here too."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from streamdepth.addresses import is_remote, mistake_in_address, redact_address, scheme_of
from streamdepth.errors import LoginNotSupported, SourceError, Trouble
from streamdepth.protocols import Source
from streamdepth.sources.options import Kind, SourceOptions, Spec

if TYPE_CHECKING:
    from streamdepth.sources.snapshot.source import SnapshotSource
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


def _defaults() -> VideoOptions:
    from streamdepth.sources.video.media import VideoOptions

    return VideoOptions()


def _video_options(options: SourceOptions, patience: float) -> VideoOptions:
    video = replace(options.video or _defaults(), keeps_bits=options.keeps_bits, notify=options.notify)
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
        Connecting(_Opening(url, options).once, patience_asked(options.rate)),
        redact_address(url),
        persistence,
        notify=options.notify,
        is_stopped=options.is_stopped,
    )


class _Opening:
    """Opens what is at one address, each time anew, and remembers how it had to be read."""

    def __init__(self, url: str, options: SourceOptions) -> None:
        self._url = url
        self._options = options
        self._is_in_parts = False

    def once(self, patience: float) -> Source:
        """What is there now: FFmpeg opens it, and a photo is asked for again and again where that is wanted."""
        may_be_polled = self._options.polls and scheme_of(self._url) in ("http", "https")
        try:
            video = self._video(patience)
        except LoginNotSupported:
            if may_be_polled:  # in single pictures, for which FFmpeg is not needed
                with suppress(SourceError):
                    return self._polled(patience)
            raise
        if not (may_be_polled and _is_photo(video)):
            return video
        video.close()
        return self._polled(patience)

    def _polled(self, patience: float) -> SnapshotSource:
        from streamdepth.sources.snapshot.source import SnapshotSource

        return SnapshotSource(self._url, self._options.rate, self._times(patience), self._options.limit)

    def _times(self, patience: float) -> tuple[float, float]:
        """Seconds for the first answer, and for each further one."""
        wanted = _video_options(self._options, patience)
        return wanted.open_timeout, wanted.read_timeout

    def _video(self, patience: float) -> VideoSource:
        from streamdepth.sources.video.parts import come_instead

        try:
            return self._opened(patience)
        except SourceError as refused:
            if self._is_in_parts or not come_instead(refused, self._url, self._times(patience)):
                raise
            self._is_in_parts = True
            try:
                return self._opened(patience)
            except SourceError:
                self._is_in_parts = False
                raise refused from refused.__cause__

    def _opened(self, patience: float) -> VideoSource:
        video = self._options.video or _defaults()
        options = replace(self._options, video=replace(video, is_in_parts=self._is_in_parts))
        return open_video(self._url, options, patience)


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
