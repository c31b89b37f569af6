"""Which requests are let in, with a token and without; and what browsers are told about it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from streamdepth.http.auth import Access, Auth
from streamdepth.http.tokens import Tokens
from streamdepth.viewers.http.access import access_with, refusal_answer

TOKEN = "correct-horse"
ELSEWHERE = "https://elsewhere.example"
HERE = "localhost:8080"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def _answer(auth: Auth, path: str, method: str, **headers: str | None) -> Answer:
    path, _, query = path.partition("?")
    sent: list[dict[str, Any]] = []
    given = {"host": HERE, **{name.replace("_", "-").lower(): value for name, value in headers.items()}}
    fields = {name: value for name, value in given.items() if value is not None}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in fields.items()],
        "client": ("192.0.2.7", 5000),
    }
    await auth(scope, receive, send)
    start = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], start, b"".join(message.get("body", b"") for message in sent[1:]))


def ask(path: str, *, token: str | None, method: str = "GET", **headers: str | None) -> Answer:
    auth = Auth(PlainTextResponse("let in"), access_with(token), refusal_answer)
    return asyncio.run(_answer(auth, path, method, **headers))


def is_let_in(answer: Answer) -> bool:
    assert (answer.body == b"let in") is (answer.status == 200)
    return answer.status == 200


@pytest.mark.parametrize("host", [HERE, "localhost", "127.0.0.1:80", "127.8.9.1", "[::1]:8080", "LOCALHOST"])
def test_without_a_token_this_machine_is_answered_under_its_own_names(host: str) -> None:
    assert is_let_in(ask("/api/state", token=None, host=host))


@pytest.mark.parametrize(
    "host", ["", "evil.example", "192.0.2.7:8080", "localhost.evil.example", "[::1", "127.0.0.1@evil.example"]
)
def test_a_name_that_was_pointed_at_this_machine_is_refused(host: str) -> None:
    answer = ask("/", token=None, host=host)
    assert answer.status == 403
    said = b"without a token this server answers to localhost only (use that name, or start it with a token)"
    assert answer.body == b'{"error":"' + said + b'"}'


def test_a_probe_that_says_no_name_is_answered_since_a_browser_always_says_one() -> None:
    assert is_let_in(ask("/healthz", token=None, host=None))


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://localhost.evil.example", "http://[::1"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_without_a_token_a_page_from_elsewhere_is_refused_and_may_not_read_why(
    origin: str, method: str
) -> None:
    answer = ask("/healthz", token=None, method=method, origin=origin)
    assert answer.status == 403
    said = b"without a token, requests from pages elsewhere are refused (start it with a token)"
    assert answer.body == b'{"error":"' + said + b'"}'
    assert "access-control-allow-origin" not in answer.headers


def test_without_a_token_a_page_of_this_machine_may_read_the_answer() -> None:
    answer = ask("/api/state", token=None, origin="http://localhost:3000")
    assert is_let_in(answer)
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert answer.headers["vary"] == "Origin"
    assert "Location" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    ("site", "mode", "dest", "let_in"),
    [
        ("cross-site", "navigate", "document", True),
        ("cross-site", "navigate", "iframe", False),
        ("cross-site", "no-cors", "image", False),
        ("cross-site", "no-cors", "document", False),
        ("same-origin", "navigate", "iframe", True),
        ("same-site", "no-cors", "image", True),
        ("none", "navigate", "document", True),
    ],
)
def test_a_link_may_lead_here_but_no_page_from_elsewhere_may_show_what_is_here(
    site: str, mode: str, dest: str, let_in: bool
) -> None:
    answer = ask("/", token=None, sec_fetch_site=site, sec_fetch_mode=mode, sec_fetch_dest=dest)
    assert is_let_in(answer) is let_in


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_token_lets_anybody_in_from_any_page_and_under_any_name(scheme: str) -> None:
    answer = ask(
        "/api/state",
        token=TOKEN,
        host="depth.example",
        origin=ELSEWHERE,
        sec_fetch_site="cross-site",
        authorization=f"{scheme} {TOKEN} ",
    )
    assert is_let_in(answer)
    assert answer.headers["access-control-allow-origin"] == ELSEWHERE


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Token {TOKEN}"]
)
def test_without_the_token_the_answer_asks_for_it_and_a_page_may_read_that(authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    answer = ask("/api/state", token=TOKEN, origin=ELSEWHERE, **headers)
    assert answer.status == 401
    assert answer.body == b'{"error":"the token is missing or wrong"}'
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["access-control-allow-origin"] == ELSEWHERE


def test_a_wrong_token_is_refused_however_near_it_is() -> None:
    """All at once: each waits half a second for its answer."""
    wrong = [TOKEN[:-1], TOKEN + "s", TOKEN.upper(), f"{TOKEN} {TOKEN}", "corréct-horse", "\xff"]

    async def all_of_them() -> list[Answer]:
        auth = Auth(PlainTextResponse("let in"), access_with(TOKEN), refusal_answer)
        asked = [_answer(auth, "/api/state", "GET", authorization=f"Bearer {given}") for given in wrong]
        asked.append(_answer(auth, "/snapshot.jpg?token=wrong", "GET"))
        return await asyncio.gather(*asked)

    assert [answer.status for answer in asyncio.run(all_of_them())] == [401] * 7


@pytest.mark.parametrize("path", ["/", "/healthz", "/static/page.js"])
def test_the_page_itself_and_the_sign_of_life_need_no_token(path: str) -> None:
    assert is_let_in(ask(path, token=TOKEN))
    assert is_let_in(ask("/api/look", token=TOKEN, method="OPTIONS")), "browsers ask first, without a token"


@pytest.mark.parametrize("path", ["/static", "/healthz/", "/api/state", "//", "/staticx/page.js"])
def test_nothing_else_is_open(path: str) -> None:
    assert ask(path, token=TOKEN).status == 401


@pytest.mark.parametrize(
    ("path", "let_in"),
    [
        ("/stream.mjpg", True),
        ("/snapshot.jpg", True),
        ("/api/state", False),
        ("/offer", False),
    ],
)
def test_players_that_know_an_address_alone_may_have_the_token_in_it(path: str, let_in: bool) -> None:
    assert is_let_in(ask(f"{path}?width=9&token={TOKEN}", token=TOKEN)) is let_in
    assert ask(path, token=TOKEN).status == 401


@pytest.mark.parametrize(("token", "shared"), [(None, "same-site"), (TOKEN, "cross-origin")])
@pytest.mark.parametrize("host", [HERE, "elsewhere.example"])
def test_every_answer_forbids_frames_and_storing(token: str | None, shared: str, host: str) -> None:
    answer = ask("/api/state", token=token, host=host)
    assert answer.status in (200, 401, 403)
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-resource-policy"] == shared
    assert "access-control-allow-origin" not in answer.headers


def test_what_an_answer_says_of_itself_is_kept() -> None:
    stored = PlainTextResponse("let in", headers={"Cache-Control": "max-age=60"})
    answer = asyncio.run(_answer(Auth(stored, access_with(None), refusal_answer), "/static/page.js", "GET"))
    assert answer.headers["cache-control"] == "max-age=60"


def test_what_is_no_request_is_passed_on() -> None:
    seen: list[str] = []

    async def app(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    async def nothing(*_message: Any) -> None:
        return None

    asyncio.run(Auth(app, access_with(TOKEN), refusal_answer)({"type": "lifespan"}, nothing, nothing))
    assert seen == ["lifespan"]


SEVERAL = Access(
    Tokens(("first-token", "second-token")), ("/healthz",), "/static/", pages=("https://app.example",)
)


@pytest.mark.parametrize(("given", "status"), [("first-token", 200), ("second-token", 200)])
def test_each_of_several_tokens_lets_in(given: str, status: int) -> None:
    auth = Auth(PlainTextResponse("let in"), SEVERAL, refusal_answer)
    assert asyncio.run(_answer(auth, "/v1/depth", "POST", authorization=f"Bearer {given}")).status == status


@pytest.mark.parametrize(("origin", "readable"), [("https://app.example", True), (ELSEWHERE, False)])
def test_where_pages_are_named_no_other_may_read_an_answer(origin: str, readable: bool) -> None:
    auth = Auth(PlainTextResponse("let in"), SEVERAL, refusal_answer)
    answer = asyncio.run(
        _answer(auth, "/v1/depth", "POST", authorization="Bearer first-token", origin=origin)
    )
    assert is_let_in(answer)
    assert ("access-control-allow-origin" in answer.headers) is readable


def test_without_a_token_a_page_that_was_named_is_let_in() -> None:
    access = Access(Tokens(), (), "/static/", pages=("https://app.example",))
    auth = Auth(PlainTextResponse("let in"), access, refusal_answer)
    named = asyncio.run(_answer(auth, "/v1/depth", "POST", origin="https://app.example"))
    assert is_let_in(named)
    assert not is_let_in(asyncio.run(_answer(auth, "/v1/depth", "POST", origin=ELSEWHERE)))


def test_a_public_service_answers_under_any_name() -> None:
    auth = Auth(PlainTextResponse("let in"), Access(Tokens(), (), "/static/", is_public=True), refusal_answer)
    assert is_let_in(asyncio.run(_answer(auth, "/v1/depth", "GET", host="depth.example")))
