"""Who is let in to live streams of the depth service, and that there are none where they are turned off."""

from __future__ import annotations

import json

from depth_services import Network, running_depth

from streamdepth.http.tokens import Tokens
from streamdepth.server.settings import Limits, LiveSettings

SDP = {"Content_Type": "application/sdp"}
TOKEN = "a-token-of-a-client"


def test_the_page_has_an_address_of_its_own_each_time_and_says_what_it_may():
    with running_depth(Network()) as client:
        pages = [client.ask("/live") for _ in range(2)]
        assert [page.status for page in pages] == [200, 200], "where it was sent on to"
        assert b"Use my camera" in pages[0].body
        assert "script-src 'self'" in pages[0].headers["content-security-policy"]
        assert client.ask("/v1/choices").json["live"] is True


def test_the_page_is_open_and_all_else_asks_for_a_token():
    name = "a-camera-of-a-client"
    with running_depth(Network(), tokens=Tokens((TOKEN,))) as client:
        assert client.ask("/live").status == 200
        for path in (f"/whip/{name}", f"/whep/{name}"):
            assert client.ask(path, b"v=0", **SDP).status == 401
        for path in (f"/api/cameras/{name}/state", "/api/ice-servers", f"/snapshot/{name}.jpg"):
            assert client.ask(path).status == 401
        assert client.ask(f"/snapshot/{name}.jpg?token={TOKEN}").status == 409
        assert client.ask(f"/v1/choices?token={TOKEN}").status == 401
        assert client.ask("/api/ice-servers", Authorization=f"Bearer {TOKEN}").json == []


def test_it_can_be_turned_off():
    with running_depth(Network(), live=LiveSettings(0)) as client:
        assert client.ask("/v1/choices").json["live"] is False
        assert client.ask("/live").status == 404
        assert client.ask("/whip/a-camera-of-a-client", b"v=0", **SDP).status == 404
        assert "streamdepth_live" not in client.ask("/metrics").body.decode()


def test_what_pages_say_of_their_streams_is_not_counted_as_pictures_that_are_sent():
    with running_depth(Network(), limits=Limits(per_second=0.01)) as client:
        for _ in range(3):
            answer = client.ask("/whep/a-camera-of-a-client", b"v=0", **SDP)
            assert (answer.status, json.loads(answer.body)["status"]) == (409, 409)
