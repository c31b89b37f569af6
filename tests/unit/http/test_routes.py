"""Routes without a contract: what is answered where, and what else each address takes."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.requests import Request
from starlette.responses import Response

from streamdepth.http.routes import Routes


def routes():
    found = Routes()

    @found.add("GET", "/look", "/cameras/{name}/look")
    async def look(request):
        return {"of": request.path_params.get("name"), "by": request.method}

    @found.add("PATCH", "/look")
    async def change(_request):
        return Response(status_code=202)

    @found.add("OPTIONS", "/whep")
    async def what(_request):
        return Response(status_code=200)

    return {route.path: route for route in found}


def scope_of(route, method, **params):
    return {"type": "http", "method": method, "path": route.path, "headers": [], "path_params": params}


def answer(route, method, **params):
    return asyncio.run(route.endpoint(Request(scope_of(route, method, **params))))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_no_response_is_told_as_json_to_get_and_head(method):
    told = answer(routes()["/cameras/{name}/look"], method, name="front")
    assert told.media_type == "application/json"
    assert json.loads(told.body) == {"of": "front", "by": method}


def test_an_address_answers_each_method_by_its_own_handler():
    assert answer(routes()["/look"], "PATCH").status_code == 202
    assert json.loads(answer(routes()["/look"], "GET").body)["of"] is None


def test_each_address_says_what_it_takes():
    found = routes()
    told = answer(found["/look"], "OPTIONS")
    assert (told.status_code, told.headers["allow"]) == (204, "GET, HEAD, OPTIONS, PATCH")
    assert found["/look"].methods == {"GET", "HEAD", "OPTIONS", "PATCH"}


def test_who_answers_options_himself_is_asked():
    found = routes()
    assert found["/whep"].methods == {"OPTIONS"}
    assert answer(found["/whep"], "OPTIONS").status_code == 200


def test_addresses_keep_their_order():
    assert list(routes()) == ["/look", "/cameras/{name}/look", "/whep"]


def test_figures_are_told_which_address_was_asked_without_what_stands_in_it():
    route = routes()["/cameras/{name}/look"]
    scope = scope_of(route, "GET", name="front")
    asyncio.run(route.endpoint(Request(scope)))
    assert scope["route"].path == "/cameras/{name}/look"
