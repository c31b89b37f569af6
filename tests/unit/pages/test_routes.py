"""The pages as they are served: whole, from here alone, and of one design."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re

import pytest
from starlette.requests import Request

from streamdepth.http.refusal import Refused
from streamdepth.pages.routes import LIVE, PICTURE, page_routes
from streamdepth.rendering.colormaps import COLORMAPS, lookup_table

ROUTES = {route.path: route.endpoint for route in page_routes({"/": LIVE, "/picture": PICTURE})}


def answer_at(path, **params):
    request = Request({"type": "http", "method": "GET", "path": path, "headers": [], "path_params": params})
    return asyncio.run(ROUTES[path](request))


def part(name):
    return answer_at("/static/{name:path}", name=name)


def named_by(text):
    """The parts that a part takes: what it links to, loads and imports."""
    return set(re.findall(r'(?:href|src|from|import)\s*[=(]?\s*"/static/([^"]+)"', text))


@pytest.mark.parametrize("address", ["/", "/picture"])
def test_all_that_a_page_is_made_of_is_served(address):
    page = answer_at(address)
    assert page.media_type == "text/html"
    wanted, seen = named_by(page.body.decode()), set()
    assert {"base.css"} < wanted
    while wanted - seen:
        name = sorted(wanted - seen)[0]
        seen.add(name)
        wanted |= named_by(part(name).body.decode())
    assert any(name.endswith(".js") for name in seen)


@pytest.mark.parametrize("name", ["live/index.html", "picture/page.css", "asking.js", "colours.json"])
def test_a_part_says_what_it_is_and_what_it_may(name):
    answer = part(name)
    kind = {"html": "text/html", "css": "text/css", "js": "text/javascript", "json": "application/json"}
    assert answer.media_type == kind[name.rpartition(".")[2]]
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert "='; style-src 'self'; connect-src 'self'; " in policy


@pytest.mark.parametrize("name", ["live/index.html", "cameras/index.html", "picture/index.html"])
def test_what_loads_a_page_again_stands_in_it_by_the_hash_of_the_policy(name):
    answer = part(name)
    inside = re.findall(rb"<script>(.*?)</script>", answer.body, re.DOTALL)
    assert inside == [part("whole.js").body]
    assert (
        base64.b64encode(hashlib.sha256(inside[0]).digest()).decode()
        in answer.headers["content-security-policy"]
    )


@pytest.mark.parametrize("name", ["", "live", "../routes.py", "live/../../routes.py", "page.js"])
def test_there_is_nothing_else(name):
    with pytest.raises(Refused, match="no such file"):
        part(name)


def test_the_colours_are_those_of_the_pictures():
    tables = json.loads(part("colours.json").body)
    assert tuple(tables) == COLORMAPS
    blue, green, red = (int(one) for one in lookup_table("turbo")[200, 0])
    assert bytes.fromhex(tables["turbo"])[600:603] == bytes((red, green, blue))


def test_whatever_the_live_page_asks_of_a_stream_has_its_place_for_one_of_several_cameras():
    scripts = {name for name in named_by(part("live/page.js").body.decode()) if name.startswith("live/")}
    scripts |= {name for one in scripts for name in named_by(part(one).body.decode())}
    text = "".join(part(name).body.decode() for name in scripts)
    asked = set(re.findall(r'(?:ask|change|changed)\([`"](/(?:api|whep|whip)[\w/-]*)', text))
    of_camera = set(re.findall(r'^  "(/[\w./-]+)":', part("live/server.js").body.decode(), re.MULTILINE))
    assert {"/whep", "/api/metres"} <= asked
    assert asked - of_camera == {"/api/ice-servers"}, (
        "these would be of the first camera on the page of another"
    )
