"""WHIP (RFC 9725): a client sends a camera, whose depth viewers see."""

from __future__ import annotations

from fastapi import APIRouter

from streamdepth.viewers.http.whep import session_routes
from streamdepth.viewers.ingest import Ingests
from streamdepth.webrtc.ice_server import IceServer


def whip_routes(ingests: Ingests, servers: tuple[IceServer, ...]) -> APIRouter:
    """`/whip` with the resource of its one sender."""
    return session_routes("/whip", ingests, servers)
