"""WHIP (RFC 9725): somebody sends a camera, whose depth is what viewers see."""

from __future__ import annotations

from fastapi import APIRouter

from streamdepth.viewers.http.whep import session_routes
from streamdepth.viewers.ingest import Ingests
from streamdepth.webrtc.ice_server import IceServer


def whip_routes(ingests: Ingests, servers: tuple[IceServer, ...]) -> APIRouter:
    """`/whip` with the resource of the one who sends."""
    return session_routes("/whip", ingests, servers)
