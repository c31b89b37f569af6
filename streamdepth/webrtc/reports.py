"""What viewers report about their line, which aiortc keeps to itself for pictures that it has not encoded.

Two private methods of its sender are replaced on the instance. `reports_work` tries them at start-up, so that a version
without them costs smoothness (more keyframes) and not the stream. A third, of its transport, shows which of the
sender's timestamps is which moment; without it viewers cannot know how old their picture is.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from aiortc import RTCRtpSender
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RtcpPsfbPacket,
    is_rtcp,
    pack_remb_fci,
    unpack_remb_fci,
)


def install(
    sender: RTCRtpSender,
    *,
    on_loss: Callable[[], None],
    on_capacity: Callable[[int], None],
    on_report: Callable[[], None],
) -> None:
    """Call `on_loss` when the viewer lost a picture, `on_capacity` with the bits a second that its line can carry,
    `on_report` when it says anything at all."""
    handle = sender._handle_rtcp_packet

    async def listen(packet: Any) -> None:
        on_report()
        bits = capacity_of(packet, sender._ssrc)
        if bits is not None:
            on_capacity(bits)
        await handle(packet)

    # There is no public way to get either: see the top of this file.
    sender._send_keyframe = on_loss  # type: ignore[method-assign]  # of this one sender
    sender._handle_rtcp_packet = listen  # type: ignore[method-assign]  # of this one sender


def notify_first_timestamp(sender: RTCRtpSender, on_first: Callable[[int], None]) -> None:
    """Call `on_first` once, with the RTP timestamp of the first packet that `sender` sends.

    A sender adds a random number to all timestamps (RFC 3550, section 5.1), which no public interface gives. Where a
    version of aiortc sends by another way, it is never called.
    """
    transport: Any = sender.transport
    send = getattr(transport, "_send_rtp", None)
    if send is None:
        return

    async def listen(data: bytes) -> None:
        if not is_rtcp(data):
            transport._send_rtp = send
            on_first(int.from_bytes(data[4:8], "big"))
        await send(data)

    transport._send_rtp = listen


def capacity_of(packet: Any, ssrc: int) -> int | None:
    """Bits a second of a REMB message that concerns `ssrc`; None for anything else."""
    if not isinstance(packet, RtcpPsfbPacket) or packet.fmt != RTCP_PSFB_APP:
        return None
    try:
        bits, sources = unpack_remb_fci(packet.fci)
    except (ValueError, struct.error):
        return None
    return int(bits) if ssrc in sources else None


async def reports_work() -> bool:
    """Whether the installed aiortc calls them: tried on a sender that is connected to nothing."""
    losses: list[None] = []
    capacities: list[int] = []
    try:
        nowhere: Any = _NoTransport()
        sender = RTCRtpSender("video", nowhere)
        install(
            sender,
            on_loss=lambda: losses.append(None),
            on_capacity=capacities.append,
            on_report=lambda: None,
        )
        await sender._handle_rtcp_packet(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=0, media_ssrc=sender._ssrc))
        bound = pack_remb_fci(500_000, [sender._ssrc])
        await sender._handle_rtcp_packet(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=0, media_ssrc=0, fci=bound))
    except (AttributeError, TypeError):
        return False
    return len(losses) == 1 and len(capacities) == 1


class _NoTransport:
    state = "new"
