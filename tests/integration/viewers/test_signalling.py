"""Signalling as WHEP says, and what those get who ask for something else."""

from __future__ import annotations

import asyncio
import errno
import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import ifaddr
import pytest
from stamped_feed import PATIENCE, until

from streamdepth.sources.live.switching import Choice
from streamdepth.viewers import stream
from streamdepth.webrtc.ice_server import IceServer
from streamdepth.zones.kept import KeptZones
from streamdepth.zones.watch import ZoneWatch
from streamdepth.zones.zone import Zones

TOKEN = "correct-horse"


@pytest.fixture(scope="module")
def guarded(module_service):
    with module_service(token=TOKEN) as running:
        yield running


@pytest.fixture
def offer(new_watcher):
    async def scenario():
        watcher = new_watcher(None)
        try:
            return await watcher.offer()
        finally:
            await watcher.connection.close()

    return asyncio.run(scenario())


def error(answer):
    return json.loads(answer[2])["error"]


def test_an_offer_is_answered_as_whep_says(service, offer):
    status, headers, body = service.post_offer(offer)
    assert status == 201
    assert headers["Content-Type"].startswith("application/sdp")
    assert re.fullmatch(r"/whep/[\w-]{20,}", headers["Location"])
    assert headers["ETag"].startswith('"')
    assert body.startswith(b"v=0")
    assert b"a=candidate:" in body
    assert b"a=sendonly" in body
    assert service.ask(headers["Location"], "DELETE")[0] == 200


def test_where_the_system_hides_the_addresses_of_the_machine_it_is_not_the_offer_that_is_blamed(
    service, offer, monkeypatch, caplog
):
    def hidden():
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")  # as systemd has it

    monkeypatch.setattr(ifaddr, "get_adapters", hidden)
    answer = service.post_offer(offer)
    assert (answer[0], answer[1]["Retry-After"]) == (503, "5")
    assert error(answer) == "no connection can begin here (the log of the service says why)"
    assert "the addresses of this machine cannot be listed: Address family not supported" in caplog.text
    assert "RestrictAddressFamilies needs AF_NETLINK" in caplog.text


def test_options_tell_what_is_taken(service):
    status, headers, _ = service.ask("/whep", "OPTIONS")
    assert (status, headers["Allow"]) == (204, "POST, OPTIONS")
    assert headers["Accept-Post"] == "application/sdp"


@pytest.mark.parametrize(
    "path", ["/whep", "/whip", "/whep/of-a-viewer", "/whip/of-a-sender", "/whep/a/b", "/api/look"]
)
def test_a_wrong_method_is_told_what_is_taken(service, path):
    answer = status, headers, _ = service.ask(path, "PUT", b"")
    assert (status, headers["Allow"]) == (405, service.ask(path, "OPTIONS")[1]["Allow"])
    assert (
        error(answer) == f"this address takes {headers['Allow']}, not PUT (see the guide to the web service)"
    )


def test_an_address_that_there_is_not_is_refused_like_any_other_request(service):
    answer = service.ask("/nothing")
    assert (answer[0], error(answer)) == (
        404,
        "there is nothing at this address (see the guide to the web service)",
    )


def test_a_slash_too_many_is_led_back_relatively(service):
    assert service.ask("/whep/?stream=a", "POST", b"")[1]["Location"] == "../whep?stream=a"
    assert service.ask("/cameras/")[0] == 200
    assert service.ask("/nothing/")[0] == 404


def test_a_proxy_may_ask_by_the_whole_path_of_its_host(running_service, offer):
    with running_service(root_path="/house/depth") as service:
        page = service.ask("/house/depth/")
        assert (page[0], page[2]) == (200, service.ask("/")[2])
        status, headers, _ = service.ask(
            "/house/depth/whep", "POST", offer.encode(), Content_Type="application/sdp"
        )
        session = urljoin("/house/depth/whep", headers["Location"])
        assert (status, session.startswith("/house/depth/whep/")) == (201, True)
        assert service.ask(session, "DELETE")[0] == 200


def test_simple_clients_send_and_get_json(service, offer):
    body = json.dumps({"type": "offer", "sdp": offer}).encode()
    status, headers, answer = service.ask("/offer", "POST", body, Content_Type="application/json")
    assert status == 200
    assert json.loads(answer)["type"] == "answer"
    assert service.ask(headers["Location"], "DELETE")[0] == 200


def test_candidates_may_follow(service, offer):
    _, headers, _ = service.post_offer(offer)
    ufrag = re.search("a=ice-ufrag:.*", offer)[0].strip()
    fragment = f"{ufrag}\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.7 9 typ host\r\n"

    def patch(body, **more):
        kind = {"Content-Type": "application/trickle-ice-sdpfrag"}
        return service.ask(headers["Location"], "PATCH", body.encode(), **{**kind, **more})[0]

    assert patch(fragment, If_Match=headers["ETag"]) == 204
    assert patch(fragment, If_Match="*") == 204
    assert patch(fragment, If_Match=f'"another", {headers["ETag"]}') == 204
    assert patch(fragment) == 428
    assert patch(fragment, If_Match="W/" + headers["ETag"]) == 412
    assert patch(fragment.replace(ufrag, "a=ice-ufrag:new"), If_Match="*") == 422
    assert patch(fragment, If_Match='"another"') == 412
    assert patch(fragment.replace(ufrag, "a=ice-ufrag:new"), If_Match=headers["ETag"]) == 422
    assert patch("a=candidate:nonsense", If_Match=headers["ETag"]) == 400
    assert patch(f"{ufrag}\r\na=candidate:nonsense", If_Match=headers["ETag"]) == 400
    assert patch(fragment, If_Match=headers["ETag"], **{"Content-Type": "text/plain"}) == 415
    assert service.ask(headers["Location"], "DELETE")[0] == 200
    assert patch(fragment, If_Match=headers["ETag"]) == 404


def test_candidates_that_follow_are_bounded_in_all(service, offer):
    _, headers, _ = service.post_offer(offer)
    ufrag = re.search("a=ice-ufrag:.*", offer)[0].strip()
    fragment = f"{ufrag}\r\na=mid:0\r\n" + "a=candidate:1 1 udp 1 192.0.2.7 9 typ host\r\n" * 40
    more = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": headers["ETag"]}
    assert [service.ask(headers["Location"], "PATCH", fragment.encode(), **more)[0] for _ in "12"] == [
        204,
        400,
    ]
    assert service.ask(headers["Location"], "DELETE")[0] == 200


HOSTILE = {
    "empty": "",
    "no SDP": "hello",
    "a head only": "v=0\r\n",
    "a cut one": "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nm=video 9 UDP/TLS/RTP/SAVPF",
    "numbers that are none": "v=0\r\nm=video x UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/y\r\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_offer_is_400(service, text):
    assert service.post_offer(text)[0] == 400


CHANGES = {
    "no fingerprint": (r"a=fingerprint:.*\r\n", "", 400),
    "no ICE user": (r"a=ice-ufrag:.*\r\n", "", 400),
    "it only sends": ("a=recvonly", "a=sendonly", 400),
    "no codec that is sent here": (r"(VP8|H264)/90000", "AV1/90000", 406),
    "a thousand candidates": (r"a=mid:0\r\n", "a=candidate:1 1 udp 1 192.0.2.7 9 typ host\r\n" * 500, 400),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_offers_that_cannot_be_answered_are_refused(service, offer, change):
    pattern, replacement, status = change
    answer = service.post_offer(re.sub(pattern, replacement, offer))
    assert answer[0] == status, answer[2]
    assert error(answer)


def test_sdp_of_another_type_is_415(service, offer):
    answer = service.post_offer(offer, **{"Content-Type": "text/plain"})
    assert answer[0] == 415
    assert answer[1]["Accept-Post"] == "application/sdp"


def test_ten_megabytes_are_refused_before_they_are_read(service):
    host = service.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.putrequest("POST", "/whep")
    connection.putheader("Content-Type", "application/sdp")
    connection.putheader("Content-Length", str(10_000_000))
    connection.endheaders(b"v" * 100_000)
    assert connection.getresponse().status == 413
    connection.close()


def test_hostile_offers_do_not_disturb_who_watches(service, watching, offer, stamp_of, until):
    wrong = re.sub(r"(a=fingerprint:sha-256 )..", r"\g<1>00", offer)
    unreachable = re.sub(r"a=candidate:.*\r\n", "", offer)
    texts = [*HOSTILE.values(), wrong, unreachable] * 5

    async def scenario():
        async with watching(service) as viewer:
            first = stamp_of(await viewer.picture())
            posts = [asyncio.to_thread(service.post_offer, text) for text in texts]
            answers = asyncio.gather(*posts)
            stamps = [stamp_of(await viewer.picture()) for _ in range(60)]
            for status, headers, _ in await answers:
                if status == 201:
                    await asyncio.to_thread(service.ask, headers["Location"], "DELETE")
            return first, stamps

    first, stamps = asyncio.run(scenario())
    assert stamps == sorted(set(stamps))
    assert stamps[-1] - first < 120
    until(lambda: service.viewers() == 0)


def test_who_comes_before_the_first_picture_is_answered_with_it(running_service, offer, monkeypatch):
    monkeypatch.setattr(stream, "FIRST_PATIENCE", 600.0)  # however long this machine does something else
    with running_service(fed=False) as service, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(service.post_offer, offer)
        assert service.ask("/snapshot.jpg")[0] == 503, "nobody else waits for it"
        with service.fed():
            assert answer.result(PATIENCE)[0] == 201


def test_who_asks_a_service_that_ends_before_its_first_picture_is_told_so_at_once(
    running_service, offer, monkeypatch
):
    monkeypatch.setattr(stream, "FIRST_PATIENCE", 600.0)  # who waits for it is not answered in time
    with running_service(fed=False) as service, ThreadPoolExecutor(1) as pool:
        before = pool.submit(service.post_offer, offer)
        streams = service.sink._service._serving.showing.streams
        until(lambda: next(iter(streams)).jpegs.news.is_wanted)
        service.sink._service.on_loop(streams.end_pictures)  # as it does first of all
        answers = [before.result(PATIENCE), service.post_offer(offer)]
        assert [status for status, _, _ in answers] == [503, 503]
        assert error(answers[1]) == "the stream has just ended (ask again in a moment)"


def test_where_the_first_picture_is_long_in_coming_it_is_409_and_later(running_service, offer, monkeypatch):
    monkeypatch.setattr(stream, "FIRST_PATIENCE", 0.1)
    with running_service(fed=False) as service:
        status, headers, _ = service.post_offer(offer)
        assert (status, headers["Retry-After"]) == (409, "2")
        assert service.ask("/snapshot.jpg")[0] == 503
        assert service.ask("/stream.mjpg")[0] == 503
        status, _, body = service.ask("/healthz")
        assert (status, json.loads(body)) == (503, {"condition": "starting"})


def test_prometheus_reads_what_the_page_says(service, until):
    with service.fed():
        until(lambda: service.state()["condition"] == "live")
        status, headers, body = service.ask("/metrics")
    assert (status, headers["Content-Type"].split(";")[0]) == (200, "text/plain")
    told = body.decode()
    assert "streamdepth_live{" in told
    assert "} 1.0" in told.partition("streamdepth_live{")[2].partition("\n")[0]
    assert "streamdepth_viewers 0.0" in told


GUARDED = (
    "/metrics",
    "/api/state",
    "/api/look",
    "/api/source",
    "/api/ice-servers",
    "/snapshot.jpg",
    "/stream.mjpg",
)


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("header", [None, "Bearer wrong-horse", "Bearer", "Basic correct-horse", TOKEN])
def test_without_the_token_there_is_nothing_to_see(guarded, path, header):
    headers = {"Authorization": header} if header else {}
    answer = guarded.ask(path, **headers)
    assert answer[0] == 401
    assert answer[1]["WWW-Authenticate"] == "Bearer"


def test_an_offer_without_the_token_is_401(guarded, offer):
    assert guarded.post_offer(offer)[0] == 401
    status, headers, _ = guarded.post_offer(offer, Authorization=f"Bearer {TOKEN}")
    assert status == 201
    assert guarded.ask(headers["Location"], "DELETE")[0] == 401
    assert guarded.ask(headers["Location"], "DELETE", Authorization=f"Bearer {TOKEN}")[0] == 200


def test_the_page_is_open_and_players_may_have_the_token_in_the_address(guarded):
    assert guarded.ask("/")[0] == 200
    assert guarded.ask("/static/live/page.js")[0] == 200
    assert guarded.ask(f"/snapshot.jpg?token={TOKEN}")[0] == 200
    assert guarded.ask("/snapshot.jpg?token=wrong")[0] == 401
    assert guarded.ask(f"/api/state?token={TOKEN}")[0] == 401


def test_pages_from_elsewhere_are_let_in_with_the_token_only(service, guarded):
    there = {"Origin": "https://elsewhere.example"}
    status, headers, _ = guarded.ask("/api/state", Authorization=f"Bearer {TOKEN}", **there)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, "https://elsewhere.example")
    status, headers, _ = service.ask("/api/state", **there)
    assert (status, headers["Access-Control-Allow-Origin"]) == (403, None)
    assert service.ask("/api/state", Origin="http://localhost:3000")[0] == 200
    assert service.ask("/api/state", Origin="null")[0] == 403
    embedded = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert service.ask("/snapshot.jpg", **embedded)[0] == 403


def test_a_small_picture_is_asked_for_by_its_word(service):
    assert service.ask("/snapshot.jpg?size=small")[0] == 200
    status, _, body = service.ask("/snapshot.jpg?size=tiny")
    assert (status, "full and small" in json.loads(body)["error"]) == (400, True)


@pytest.mark.parametrize("path", ["/", "/stream.mjpg", "/snapshot.jpg"])
def test_a_page_from_elsewhere_may_link_here_but_not_frame_what_is_here(service, path):
    def asked(dest, site="cross-site", mode="navigate"):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        return service.ask(path, "HEAD", **headers)[0]

    assert asked("document") == 200
    for framed in ("iframe", "frame", "embed", "object"):
        assert asked(framed) == 403
    assert asked("image", mode="no-cors") == 403
    assert asked("image", "same-origin", "no-cors") == 200
    assert asked("iframe", "same-origin") == 200


@pytest.mark.parametrize(
    "path", ["/", "/static/live/page.js", "/stream.mjpg", "/snapshot.jpg", "/api/state", "/none"]
)
def test_every_answer_says_that_no_page_may_frame_it(service, guarded, path):
    for running, shared in ((service, "same-site"), (guarded, "cross-origin")):
        _, headers, _ = running.ask(path, "HEAD")
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cross-Origin-Resource-Policy"] == shared


WITH_GET = (
    "/",
    "/static/live/page.js",
    "/healthz",
    "/api/state",
    "/api/look",
    "/api/ice-servers",
    "/snapshot.jpg",
)


@pytest.mark.parametrize("path", WITH_GET)
def test_head_has_the_headers_of_get_and_no_body(service, path):
    status, headers, body = service.ask(path, "HEAD")
    assert (status, body) == (200, b"")
    assert headers["Content-Type"] == service.ask(path)[1]["Content-Type"]
    assert int(headers["Content-Length"]) > 0


def test_head_of_a_stream_takes_no_place(service):
    status, headers, body = service.ask("/stream.mjpg", "HEAD")
    assert (status, body, service.viewers()) == (200, b"", 0)
    assert headers["Content-Type"] == "multipart/x-mixed-replace; boundary=streamdepth"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/state", "GET, HEAD, OPTIONS"),
        ("/api/look", "GET, HEAD, OPTIONS, PATCH"),
        ("/api/source", "GET, HEAD, OPTIONS, PATCH"),
        ("/offer", "OPTIONS, POST"),
    ],
)
def test_browsers_may_ask_what_a_page_from_elsewhere_may_ask(guarded, path, allowed):
    preflight = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"}
    status, headers, _ = guarded.ask(path, "OPTIONS", Origin="https://elsewhere.example", **preflight)
    assert (status, headers["Allow"]) == (204, allowed)
    assert headers["Access-Control-Allow-Origin"] == "https://elsewhere.example"
    assert "PATCH" in headers["Access-Control-Allow-Methods"]


def test_a_name_that_was_pointed_here_is_not_answered(service):
    assert service.ask("/api/state", Host="rebound.example")[0] == 403


def test_the_look_changes_for_all_or_not_at_all(service):
    def change(**wanted):
        return service.ask("/api/look", "PATCH", json.dumps(wanted).encode(), Content_Type="application/json")

    before = json.loads(service.ask("/api/look")[2])
    assert before["layout"] == "overlay"
    status, _, body = change(layout="depth", colormap="turbo", alpha=0.25, invert=True)
    assert status == 200
    assert json.loads(body)["colormap"] == "turbo"
    assert (service.renderer.look.layout, service.renderer.look.alpha) == ("depth", 0.25)
    for wrong in (
        {"colormap": "none"},
        {"alpha": 2},
        {"alpha": True},
        {"invert": 1},
        {"legend": True},
        {"layout": ["depth"]},
        {"cut_beyond": 0},
        {"cut_beyond": False},
        {"refine": None},
        {"stabilise": 0},
        {"alpha": 0.5, "layout": "none"},
        {"stabilise": False, "layout": "none"},
    ):
        answer = change(**wrong)
        assert answer[0] == 400, wrong
        assert error(answer)
    assert service.renderer.look.alpha == 0.25
    assert service.renderer.stabilises
    told = json.loads(change(stabilise=False, refine=True, cut_beyond=0.5)[2])
    assert (told["stabilise"], told["refine"], told["cut_beyond"]) == (False, True, 0.5)
    assert not service.renderer.stabilises
    assert (service.renderer.look.refine, service.renderer.look.cut_beyond) == (True, 0.5)
    assert json.loads(change(stabilise=True, refine=False, cut_beyond=None)[2])["cut_beyond"] is None
    assert service.ask("/api/look", "PATCH", b"[1]", Content_Type="application/json")[0] == 400
    assert service.ask("/api/look", "PATCH", b"{", Content_Type="application/json")[0] == 400


class TwoInputs:
    """Switches at once, or never and says why."""

    names = ("demo", "street.mp4")

    def __init__(self):
        self.choice = Choice()

    def choose(self, number):
        self.names[number]
        self.choice = Choice(number) if number == 1 else Choice(1, None, "demo: no answer")


def test_another_input_is_chosen_among_those_there_are(running_service):
    def choose(wanted):
        return service.ask(
            "/api/source", "PATCH", json.dumps(wanted).encode(), Content_Type="application/json"
        )

    with running_service(fed=False, inputs=TwoInputs()) as service:
        told = json.loads(service.ask("/api/source")[2])
        assert told == {"names": ["demo", "street.mp4"], "shown": 0, "coming": None, "trouble": ""}
        status, _, body = choose({"shown": 1})
        assert (status, json.loads(body)["shown"]) == (200, 1)
        assert service.state()["input"] == {"shown": 1, "coming": None, "trouble": ""}
        assert json.loads(choose({"shown": 0})[2])["trouble"] == "demo: no answer"
        for wrong in ({}, {"shown": 2}, {"shown": "demo"}, {"shown": True}, {"shown": 1, "url": "rtsp://x"}):
            answer = choose(wrong)
            assert answer[0] == 400, wrong
            assert error(answer)


def test_zones_are_set_only_while_the_input_is_shown_that_they_are_of(running_service):
    def put():
        return service.ask("/api/zones", "PUT", b'{"zone": []}', Content_Type="application/json")

    inputs = TwoInputs()
    with running_service(fed=False, inputs=inputs, zones=KeptZones(ZoneWatch(Zones()))) as service:
        assert put()[0] == 200
        inputs.choose(1)
        refused = put()
        assert refused[0] == 409
        assert "zones are those of demo, and street.mp4 is shown" in error(refused)
        assert service.ask("/api/zones")[0] == 200


def test_where_there_is_one_input_only_there_is_nothing_to_choose(service):
    assert json.loads(service.ask("/api/source")[2])["names"] == []
    answer = service.ask("/api/source", "PATCH", b'{"shown": 0}', Content_Type="application/json")
    assert answer[0] == 409
    assert "--switch-to" in error(answer)


def test_ice_servers_are_handed_on(running_service, offer):
    # a port where nothing answers: gathering must not wait for it for long
    servers = (IceServer.parse("stun:127.0.0.1:9"),)
    with running_service(ice_servers=servers) as service:
        assert json.loads(service.ask("/api/ice-servers")[2]) == [{"urls": "stun:127.0.0.1:9"}]
        status, headers, _ = service.post_offer(offer)
        assert status == 201
        assert headers["Link"] == '<stun:127.0.0.1:9>; rel="ice-server"'


def test_there_is_no_other_file(service):
    assert service.ask("/static/settings.py")[0] == 404
    assert service.ask("/docs")[0] == 404
