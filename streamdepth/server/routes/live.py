"""`/live`: the page of a camera that its viewer sends, and what that page and its viewers ask for."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from streamdepth.http.references import reference
from streamdepth.http.routes import Routes
from streamdepth.server.live.live import Live
from streamdepth.viewers.http.app import stream_routes
from streamdepth.viewers.http.whip import whip_routes

PLACE = "/live"
PAGE = PLACE + "/{name}"


def live_routes(live: Live) -> Sequence[Routes]:
    """The routes; they must run on the loop on which `live` does."""
    routes = Routes()

    @routes.add("GET", PLACE)
    async def begin(_request: Request) -> Response:
        """A stream of one's own, by a name that nobody guesses."""
        return RedirectResponse(reference(PLACE, f"{PLACE}/{secrets.token_urlsafe(12)}"), 303)

    @routes.add("GET", "/api/cameras/{name}/state")
    async def state(request: Request) -> dict[str, Any]:
        return live.state(request.path_params["name"])

    senders = whip_routes(live.senders, live.showing.streams, live.web.ice_servers)
    return (routes, senders, *stream_routes(live.web, live.showing))
