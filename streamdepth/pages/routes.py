"""The pages as routes: served from memory, and allowed nothing that is not from here."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

from streamdepth.http.references import reference
from streamdepth.http.refusal import Refused
from streamdepth.http.routes import Handler, Routes
from streamdepth.rendering.colormaps import COLORMAPS, lookup_table

LIVE = "live/index.html"
CAMERAS = "cameras/index.html"
PICTURE = "picture/index.html"
COLOURS = "colours.json"
PARTS = "/static"
WHOLE = "whole.js"
"""The script that stands in each page: of its own, it could be missing like what it looks after."""
POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
}


def page_routes(shown: Mapping[str, str]) -> Routes:
    """The pages that `shown` names by their addresses (`{"/": LIVE}`), and `/static/NAME`, what all are made of."""
    routes = Routes()
    files = {**dict(_files(resources.files("streamdepth.pages") / "static")), COLOURS: _colours()}
    policy = {"Content-Security-Policy": POLICY.format(scripts=_hash_of(files[WHOLE]))}

    def answer(data: bytes, name: str) -> Response:
        return Response(data, media_type=TYPES[PurePosixPath(name).suffix], headers=policy)

    @routes.add("GET", f"{PARTS}/{{name:path}}")
    async def part(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in files or name in (LIVE, CAMERAS, PICTURE):
            raise Refused(404, "there is no such file")
        return answer(files[name], name)

    def page(address: str, name: str) -> Handler:
        data = _placed(files[name], address, files[WHOLE])

        async def shows(_request: Request) -> Response:
            return answer(data, name)

        return shows

    for address, name in shown.items():
        routes.add("GET", address)(page(address, name))
    return routes


def _files(folder: Traversable, place: str = "") -> Iterator[tuple[str, bytes]]:
    """All files below a folder, by their names from there."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry, f"{place}{entry.name}/")
        elif PurePosixPath(entry.name).suffix in TYPES:
            yield f"{place}{entry.name}", entry.read_bytes()


def _placed(page: bytes, address: str, whole: bytes) -> bytes:
    """A page with its parts named as from its address, and with `WHOLE` in it."""
    script = f'<script data-page="{address}">'.encode() + whole
    page = page.replace(f'<script src="static/{WHOLE}">'.encode(), script)
    return page.replace(b'="static/', f'="{reference(address, PARTS)}/'.encode())


def _hash_of(script: bytes) -> str:
    """What lets it stand in a page, as Content Security Policy 3 has it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"


def _colours() -> bytes:
    """JSON: each colormap by its name, 256 colours from the farthest to the nearest, `rrggbb` one after the other."""
    tables = {name: lookup_table(name)[:, 0, ::-1].tobytes().hex() for name in COLORMAPS}
    return json.dumps(tables).encode()
