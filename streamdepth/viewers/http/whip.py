"""WHIP (RFC 9725): a client sends a camera, whose depth viewers see."""

from __future__ import annotations

from collections.abc import Container

from streamdepth.http.routes import Routes
from streamdepth.viewers.http.whep import Session, Sessions, session_routes
from streamdepth.webrtc.ice_server import IceServer


def whip_routes(
    senders: Sessions[Session], streams: Container[str], servers: tuple[IceServer, ...]
) -> Routes:
    """`/whip` with the resource of each sender; a stream has one sender at most."""
    return session_routes("/whip", senders, streams, servers)
