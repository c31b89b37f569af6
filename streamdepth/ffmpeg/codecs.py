"""The codecs of live video, by all their names."""

from __future__ import annotations

from enum import Enum
from typing import Literal


class VideoCodec(Enum):
    """What is sent to viewers, and what senders may send; the value is the name in SDP and RTP."""

    H264 = "H264"
    VP8 = "VP8"

    @property
    def encoder(self) -> Literal["libx264", "libvpx"]:
        """The name of FFmpeg's encoder."""
        return "libx264" if self is VideoCodec.H264 else "libvpx"

    @property
    def decoder(self) -> str:
        """The name of FFmpeg's decoder."""
        return self.value.lower()
