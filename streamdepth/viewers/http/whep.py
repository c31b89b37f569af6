"""WHEP (draft-ietf-wish-whep): a viewer sends an offer and gets an answer; and the same as plain JSON.

What it has in common with WHIP, by which cameras are sent, is `session_routes`.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Protocol, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from streamdepth.http.references import reference
from streamdepth.http.refusal import Refused
from streamdepth.http.routes import Routes
from streamdepth.webrtc.ice_server import IceServer
from streamdepth.webrtc.peer import Peer
from streamdepth.webrtc.sdp import LONGEST_OFFER, read_trickle

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"


async def read_body(request: Request, media_type: str, longest: int = LONGEST_OFFER) -> str:
    """The text of a request; raises `Refused` with 415, 413 or 400."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != media_type:
        raise Refused(415, f"send {media_type}", Accept_Post=media_type)
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > longest:
                raise Refused(413, f"send at most {longest} bytes", Connection="close")
    except ClientDisconnect as error:  # there is no client left to answer
        raise Refused(400, "the request was not complete") from error
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, "this is not text in UTF-8") from error


def read_json(text: str) -> Mapping[str, object]:
    """A JSON object whose numbers are within those of float; raises `Refused` with 400."""
    try:
        value = json.loads(text, parse_int=_whole)
        # What Python reads beside JSON, as NaN and halves of letters, could not be sent back.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, OverflowError, RecursionError) as error:
        raise Refused(400, "this is not JSON") from error
    if not isinstance(value, dict):
        raise Refused(400, "this is not a JSON object")
    return value


def _whole(text: str) -> int:
    number = int(text)
    float(number)  # raises OverflowError where it is beyond
    return number


OF_SESSION = {"Accept-Patch": FRAGMENT, "Allow": "PATCH, DELETE, OPTIONS"}
"""What can be done with a session."""


class Session(Protocol):
    """A viewer or a sender."""

    peer: Peer


S_co = TypeVar("S_co", bound=Session, covariant=True)


class Sessions(Protocol[S_co]):
    """All sessions of one kind."""

    async def join(self, name: str | None, text: str, query: Mapping[str, str]) -> tuple[S_co, str]:
        """A new one of a stream, the first for None, and the answer to its offer; raises `Refused`.

        `query` is what the address says beside the name.
        """

    def find(self, identity: str) -> S_co:
        """That of an address; raises `Refused` with 404."""

    async def leave(self, identity: str) -> None:
        """It says goodbye; raises `Refused` with 404."""


def session_routes(
    place: str, sessions: Sessions[Session], streams: Container[str], servers: tuple[IceServer, ...]
) -> Routes:
    """`place`, which takes offers, below it each of `streams` by its name, and below each of both its sessions.

    It is the same for WHEP and WHIP. The name stands in the address of a session, too, so that a proxy before several
    services locate a stream by it.
    """
    routes = Routes()
    links = ", ".join(server.as_link() for server in servers)

    @routes.add("POST", place, place + "/{name}")
    async def begin(request: Request) -> Response:
        name = request.path_params.get("name")
        text = await read_body(request, SDP)
        session, answer = await sessions.join(name, text, request.query_params)
        parts = [place, session.peer.id] if name is None else [place, name, session.peer.id]
        location = reference(request.url.path, "/".join(parts))
        headers = {"Location": location, "ETag": session.peer.etag}
        if links:
            headers["Link"] = links
        return Response(answer, 201, headers, SDP)

    @routes.add("OPTIONS", place, place + "/{name}")
    async def endpoint_options(request: Request) -> Response:
        name = request.path_params.get("name")
        takes_offers = name is None or name in streams
        headers = {"Accept-Post": SDP, "Allow": "POST, OPTIONS"}
        return Response(status_code=204, headers=headers if takes_offers else OF_SESSION)

    @routes.add("OPTIONS", place + "/{name}/{identity}")
    async def session_options(_request: Request) -> Response:
        return Response(status_code=204, headers=OF_SESSION)

    @routes.add("PATCH", place + "/{identity}", place + "/{name}/{identity}")
    async def more_candidates(request: Request) -> Response:
        session = sessions.find(request.path_params["identity"])
        fragment = read_trickle(await read_body(request, FRAGMENT))
        expected = request.headers.get("if-match")
        if expected is None:
            raise Refused(428, "send If-Match with the ETag of the answer")
        if fragment.ufrag != session.peer.ufrag:
            raise Refused(422, "ICE cannot be restarted here; make a new offer")
        if not _matches(expected, session.peer.etag):
            raise Refused(412, "the ETag is not that of the answer")
        await session.peer.add(fragment)
        return Response(status_code=204)

    @routes.add("DELETE", place + "/{identity}", place + "/{name}/{identity}")
    async def leave(request: Request) -> Response:
        await sessions.leave(request.path_params["identity"])
        return Response(status_code=200)

    return routes


def _matches(expected: str, etag: str) -> bool:
    """Whether an `If-Match` is met by `etag` (RFC 9110, section 13.1.1).

    `*` asks for a restart of ICE by RFC 9725, yet readers send it with each candidate: the ICE user that they
    name shows what they ask for.
    """
    return any(one.strip() in ("*", etag) for one in expected.split(","))


def whep_routes(
    viewers: Sessions[Session], streams: Container[str], servers: tuple[IceServer, ...]
) -> Routes:
    """`/whep` with the resource of each viewer, and `/offer` for clients that know JSON only."""
    routes = session_routes("/whep", viewers, streams, servers)

    @routes.add("POST", "/offer")
    async def offer(request: Request) -> Response:
        given = read_json(await read_body(request, "application/json"))
        sdp = given.get("sdp")
        if given.get("type") != "offer" or not isinstance(sdp, str):
            raise Refused(400, 'send {"type": "offer", "sdp": "v=0..."}')
        viewer, answer = await viewers.join(None, sdp, request.query_params)
        headers = {"Location": reference("/offer", f"/whep/{viewer.peer.id}")}
        return JSONResponse({"type": "answer", "sdp": answer}, 200, headers)

    return routes
