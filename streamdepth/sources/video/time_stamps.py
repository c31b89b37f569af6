"""When the frames of a recording are shown, by the best that their container says about it."""

from __future__ import annotations

from av.video.frame import VideoFrame

from streamdepth.ffmpeg.containers import has_timestamps
from streamdepth.sources.video.media import Media

_WITHOUT_PRESENTATION = {"avi", "mxf"}
"""Containers that only say when a packet is decoded: AVI, and MXF where its index lacks the order of the pictures."""
_REORDERED = {"h264", "hevc", "vvc"}
"""Codecs whose decoder alone knows the order in which pictures are shown; of others FFmpeg guesses the times well."""


class Stamps:
    """Ticks of each frame of one stream; `first` is its first frame.

    Where only decoding is timed, a picture is shown when the decoder lets go of it, which is at a constant distance
    from its own time: so pictures that a recorder left out stay a gap in the right place. Raw streams have no times
    but those that FFmpeg counts up: these begin at zero, and where the head is lost one of them leaps far ahead, but
    never the time at which the decoder lets go of a picture.
    """

    def __init__(self, media: Media, first: VideoFrame) -> None:
        codec = media.stream.codec_context.name
        self._by_decoding = media.container.format.name in _WITHOUT_PRESENTATION and codec in _REORDERED
        self._raw = not has_timestamps(media.container)
        first_ticks = self._stated(first)
        self._ahead = 0
        if first_ticks is not None and (self._by_decoding or self._raw):
            self._ahead = first_ticks - (media.stream.start_time or 0)

    def of(self, frame: VideoFrame) -> int | None:
        """When the frame is shown; None where it is not said."""
        ticks = self._stated(frame)
        return None if ticks is None else ticks - self._ahead

    def _stated(self, frame: VideoFrame) -> int | None:
        if self._raw and frame.pts is not None and frame.dts is not None:
            return min(frame.pts, frame.dts)
        return frame.dts if self._by_decoding else frame.pts
