"""The pages as routes: served from memory, and allowed nothing that is not from here."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from fastapi import APIRouter
from fastapi.responses import Response

from streamdepth.http.refusal import Refused
from streamdepth.rendering.colormaps import COLORMAPS, lookup_table

LIVE = "live/index.html"
CAMERAS = "cameras/index.html"
PICTURE = "picture/index.html"
COLOURS = "colours.json"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
}


def page_routes(shown: Mapping[str, str]) -> APIRouter:
    """The pages that `shown` names by their addresses (`{"/": LIVE}`), and `/static/NAME`, what all are made of."""
    router = APIRouter(include_in_schema=False)
    files = {**dict(_files(resources.files("streamdepth.pages") / "static")), COLOURS: _colours()}

    async def part(name: str) -> Response:
        if name not in files:
            raise Refused(404, "there is no such file")
        policy = {"Content-Security-Policy": POLICY}
        return Response(files[name], media_type=TYPES[PurePosixPath(name).suffix], headers=policy)

    def page(name: str) -> Callable[[], Awaitable[Response]]:
        async def shows() -> Response:
            return await part(name)

        return shows

    router.add_api_route("/static/{name:path}", part, methods=["GET"])
    for address, name in shown.items():
        router.add_api_route(address, page(name), methods=["GET"])
    return router


def _files(folder: Traversable, place: str = "") -> Iterator[tuple[str, bytes]]:
    """All files below a folder, by their names from there."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry, f"{place}{entry.name}/")
        elif PurePosixPath(entry.name).suffix in TYPES:
            yield f"{place}{entry.name}", entry.read_bytes()


def _colours() -> bytes:
    """JSON: each colormap by its name, 256 colours from the farthest to the nearest, `rrggbb` one after the other."""
    tables = {name: lookup_table(name)[:, 0, ::-1].tobytes().hex() for name in COLORMAPS}
    return json.dumps(tables).encode()
