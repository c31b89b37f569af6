"""The pages as they are served: whole, from here alone, and of one design."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from importlib import resources
from urllib.parse import urljoin

import pytest
from starlette.requests import Request

from streamdepth.http.refusal import Refused
from streamdepth.pages.routes import CAMERAS, LIVE, PICTURE, page_routes
from streamdepth.rendering.colormaps import COLORMAPS, lookup_table

SHOWN = {"/": PICTURE, "/cameras": CAMERAS, "/cameras/{name}": LIVE}
ROUTES = {route.path: route.endpoint for route in page_routes(SHOWN)}
STATIC = resources.files("streamdepth.pages") / "static"
FROM_THE_ROOT = re.compile(
    r"""["'`]/[\w$].*|\b(?:href|src|action)\s*=\s*["'`]?/.*|\b(?:url|assign)\(["'`]?/.*"""
)
HOST = "https://house.example"


def answer_at(path, **params):
    request = Request({"type": "http", "method": "GET", "path": path, "headers": [], "path_params": params})
    return asyncio.run(ROUTES[path](request))


def part(name):
    return answer_at("/static/{name:path}", name=name)


def named_by(text):
    """The parts that a part takes, as it names them: what it links to, loads and imports."""
    return set(re.findall(r'(?:href|src|from|import)\s*[=(]?\s*"([^":]+)"', text))


def scripts_of(name):
    """The scripts beside a script that it imports, and itself."""
    folder, wanted, seen = name.rpartition("/")[0], {name}, set()
    while wanted - seen:
        one = sorted(wanted - seen)[0]
        seen.add(one)
        named = {urljoin(f"/{one}", other)[1:] for other in named_by(part(one).body.decode())}
        wanted |= {other for other in named if other.startswith(f"{folder}/")}
    return seen


@pytest.mark.parametrize("below", ["", "/depth", "/a/cameras"])
@pytest.mark.parametrize("address", SHOWN)
def test_all_that_a_page_is_made_of_is_served_below_any_path(address, below):
    page = answer_at(address)
    assert page.media_type == "text/html"
    place = f"{HOST}{below}{address.format(name='front')}"
    wanted, seen = {urljoin(place, name) for name in named_by(page.body.decode())}, set()
    assert f"{HOST}{below}/static/base.css" in wanted
    while wanted - seen:
        one = sorted(wanted - seen)[0]
        seen.add(one)
        name = one.removeprefix(f"{HOST}{below}/static/")
        wanted |= {urljoin(one, other) for other in named_by(part(name).body.decode())}
    assert any(name.endswith(".js") for name in seen)


def parts_of_pages(folder=STATIC):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from parts_of_pages(entry)
        else:
            yield entry


@pytest.mark.parametrize("entry", [*parts_of_pages()], ids=lambda entry: entry.name)
def test_no_part_of_a_page_names_an_address_from_the_root_of_the_host(entry):
    text = entry.read_text("utf-8")
    assert FROM_THE_ROOT.findall(text) == []
    if entry.name not in ("asking.js", "whole.js"):
        assert "fetch(" not in text, "asking.js knows where the service is"


@pytest.mark.parametrize("name", ["picture/page.css", "asking.js", "colours.json"])
def test_a_part_says_what_it_is_and_what_it_may(name):
    answer = part(name)
    kind = {"css": "text/css", "js": "text/javascript", "json": "application/json"}
    assert answer.media_type == kind[name.rpartition(".")[2]]
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert "='; style-src 'self'; connect-src 'self'; " in policy


@pytest.mark.parametrize("address", SHOWN)
def test_what_loads_a_page_again_stands_in_it_by_the_hash_of_the_policy(address):
    answer = answer_at(address)
    inside = re.findall(rb"<script data-page=[^>]*>(.*?)</script>", answer.body, re.DOTALL)
    assert inside == [part("whole.js").body]
    assert (
        base64.b64encode(hashlib.sha256(inside[0]).digest()).decode()
        in answer.headers["content-security-policy"]
    )


@pytest.mark.parametrize(
    "name", ["", "live", "live/index.html", "../routes.py", "live/../../routes.py", "page.js"]
)
def test_there_is_nothing_else(name):
    with pytest.raises(Refused, match="no such file"):
        part(name)


def test_the_colours_are_those_of_the_pictures():
    tables = json.loads(part("colours.json").body)
    assert tuple(tables) == COLORMAPS
    blue, green, red = (int(one) for one in lookup_table("turbo")[200, 0])
    assert bytes.fromhex(tables["turbo"])[600:603] == bytes((red, green, blue))


def test_whatever_the_live_page_asks_of_a_stream_has_its_place_for_one_of_several_cameras():
    text = "".join(part(name).body.decode() for name in scripts_of("live/page.js"))
    asked = set(re.findall(r'(?:ask|change|changed)\([`"]((?:api|whep|whip)[\w/-]*)', text))
    of_camera = set(re.findall(r'^  "([\w./-]+)":', part("live/server.js").body.decode(), re.MULTILINE))
    assert {"whep", "api/metres"} <= asked
    assert asked - of_camera == {"api/ice-servers"}, (
        "these would be of the first camera on the page of another"
    )
