"""Pictures of a sender as soon as they are whole, which aiortc's receiver gives one picture later and in any number.

Two private parts of it are replaced on the instance: the buffer that orders packets, and the queue to its decoder,
both of which have no bound worth the name. Its decoding thread then ends at once: pictures are decoded by the reader of
the source. Reports, retransmission and the estimate of the line stay aiortc's. `receiving_works` tries it at start-up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aiortc import RTCRtpReceiver
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from aiortc.rtp import RtpPacket

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.sources.browser.source import SentPicture
from streamdepth.webrtc.jitter_buffer import Assembled, JitterBuffer

BUFFER = "_RTCRtpReceiver__jitter_buffer"
TO_DECODER = "_RTCRtpReceiver__decoder_queue"
_TRIED = b"\x10\x00\x00\x00"
"""A packet of VP8 (RFC 7741): the beginning of a picture, and three bytes of it."""


def install(
    receiver: RTCRtpReceiver, pictures: JitterBuffer, on_picture: Callable[[SentPicture], None]
) -> None:
    """Have `on_picture` called, on the event loop, with each picture that `receiver` gets, once it is whole.

    Raises AttributeError where the receiver has not the parts that are replaced.
    """
    for name, part in ((BUFFER, pictures), (TO_DECODER, _Outlet(on_picture))):
        getattr(receiver, name)
        setattr(receiver, name, part)


class _Outlet:
    """Stands where the queue to aiortc's decoding thread is."""

    def __init__(self, on_picture: Callable[[SentPicture], None]) -> None:
        self._on_picture = on_picture

    def get(self) -> None:
        """The end, for the thread: there is nothing for it to do."""
        return

    def put(self, task: tuple[RTCRtpCodecParameters, Assembled] | None) -> None:
        """Hand on what was assembled; None is aiortc's end."""
        if task is None:
            return
        codec, assembled = task
        now = time.monotonic()
        for picture in assembled.pictures:
            kind = VideoCodec[codec.name.upper()]
            self._on_picture(SentPicture(kind, picture.data, picture.number, now, picture.timestamp))


async def receiving_works() -> bool:
    """Whether the installed aiortc gives pictures this way: tried on a receiver that is connected to nothing."""
    got: list[SentPicture] = []
    try:
        nowhere: Any = _NoTransport()
        receiver = RTCRtpReceiver("video", nowhere)
        receiver._track = RemoteStreamTrack("video")
        install(receiver, JitterBuffer(), got.append)
        codec = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=97)
        await receiver.receive(RTCRtpReceiveParameters(codecs=[codec]))
        packet = RtpPacket(payload_type=97, marker=1, sequence_number=1, timestamp=1, ssrc=1, payload=_TRIED)
        await receiver._handle_rtp_packet(packet, arrival_time_ms=0)
        await receiver.stop()
    except (AttributeError, TypeError):
        return False
    return [picture.data for picture in got] == [_TRIED[1:]]


class _NoTransport:
    state = "new"

    def _register_rtp_receiver(self, *_: Any) -> None:
        return

    def _unregister_rtp_receiver(self, *_: Any) -> None:
        return
