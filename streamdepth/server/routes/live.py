"""`/live`: the page of a camera that its viewer sends, and what that page and its viewers ask for."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from streamdepth.server.live.live import Live
from streamdepth.viewers.http.app import stream_routes
from streamdepth.viewers.http.whip import whip_routes

PLACE = "/live"
PAGE = PLACE + "/{name}"


def live_routes(live: Live) -> Sequence[APIRouter]:
    """The routes; they must run on the loop on which `live` does."""
    router = APIRouter()

    @router.get(PLACE)
    async def begin() -> Response:
        """A stream of one's own, by a name that nobody guesses."""
        return RedirectResponse(f"{PLACE}/{secrets.token_urlsafe(12)}", 303)

    @router.get("/api/cameras/{name}/state")
    async def state(name: str) -> dict[str, Any]:
        return live.state(name)

    senders = whip_routes(live.senders, live.showing.streams, live.web.ice_servers)
    return (router, senders, *stream_routes(live.web, live.showing))
