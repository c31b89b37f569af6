"""What of the live side is open, and how a request is answered that is not let in."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from streamdepth.http.auth import Access
from streamdepth.http.refusal import Refused
from streamdepth.http.tokens import Tokens

STREAM_FOLDERS = ("/stream/", "/snapshot/", "/depth/")
"""Of named streams, where the token may stand in an address: players can be given nothing else."""
_FOR_PAGES = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Expose-Headers": "Location, ETag, Link, Retry-After, Accept-Post",
}


def access_with(token: str | None) -> Access:
    """The page and the sign of life are open; the rest asks for `token`, where there is one."""
    return Access(
        Tokens.of(token),
        open_paths=("/", "/healthz", "/cameras"),
        open_folders=("/static/", "/cameras/"),
        token_in_address=("/stream.mjpg", "/snapshot.jpg", "/depth.mkv"),
        folders_with_token_in_address=STREAM_FOLDERS,
        for_pages=_FOR_PAGES,
    )


def refusal_answer(refused: Refused) -> Response:
    """The sentence, as JSON."""
    return JSONResponse({"error": refused.sentence}, refused.status, refused.headers)
