"""WHIP (RFC 9725): somebody sends a camera, whose depth is what viewers see."""

from __future__ import annotations

from fastapi import APIRouter

from streamdepth.service.ingest import Ingests
from streamdepth.service.settings import IceServer
from streamdepth.service.whep import session_routes


def whip_routes(ingests: Ingests, servers: tuple[IceServer, ...]) -> APIRouter:
    """`/whip` with the resource of the one who sends."""
    return session_routes("/whip", ingests, servers)
