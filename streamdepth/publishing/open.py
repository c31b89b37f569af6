"""From `--publish` to publishers, each with a thread of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamdepth.live.encoder import LiveEncoder
    from streamdepth.publishing.destinations import Destination
    from streamdepth.publishing.sink import Publisher, Publishing
    from streamdepth.said_once import Say
    from streamdepth.webrtc.ice_server import IceServer


def destinations_of(addresses: Sequence[str]) -> tuple[Destination, ...]:
    """Where to publish, checked; raises `UsageError`."""
    if not addresses:
        return ()
    from streamdepth.publishing.destinations import parse_all

    return parse_all(addresses)


def open_publishing(
    destinations: Sequence[Destination], encoder: LiveEncoder, ice_servers: Sequence[IceServer], say: Say
) -> Publishing:
    """Publishers that have begun to try; a server that is away is no error. `say` gets lines without secrets."""
    from streamdepth.publishing.sink import Publishing

    return Publishing([_publisher(one, encoder, ice_servers, say) for one in destinations])


def _publisher(
    destination: Destination, encoder: LiveEncoder, ice_servers: Sequence[IceServer], say: Say
) -> Publisher:
    from streamdepth.publishing.destinations import Protocol
    from streamdepth.publishing.sink import Standing

    standing = Standing(destination.name, say)
    if destination.protocol is Protocol.RTSP:
        from streamdepth.publishing.rtsp.publisher import RtspPublisher

        return RtspPublisher(destination, encoder, standing)
    from streamdepth.publishing.whip.publisher import WhipPublisher

    return WhipPublisher(destination, encoder, standing, ice_servers)
