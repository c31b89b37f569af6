"""deploy/nginx in a real nginx: uploads, refusals, events, a process that goes away, and the live page."""

from __future__ import annotations

import asyncio
import json
import logging
import select
import socket
import threading
from contextlib import contextmanager
from urllib.parse import urljoin

import numpy as np
import pytest
from depth_services import Network, filled, running_depth, until
from nginx import BOUND, needs_nginx, running_nginx
from pictures import encoded, picture
from ports import free_port
from senders import Sender
from services import Watcher, running_service

from streamdepth.client import Client
from streamdepth.http.tokens import Tokens
from streamdepth.server.settings import Limits, LiveSettings

pytestmark = needs_nginx
TOKEN = "a-token-of-a-client"
LET_IN = {"Authorization": f"Bearer {TOKEN}", "Content_Type": "application/octet-stream"}
PHOTO = encoded(".png", picture(64, 48))


class Known:
    """A service whose every request has the token."""

    def __init__(self, service):
        self._service, self.port = service, service.url.rpartition(":")[2]

    def ask(self, path):
        return self._service.ask(path, Authorization=f"Bearer {TOKEN}")

    def depth(self, data):
        return self._service.depth(data, Authorization=f"Bearer {TOKEN}")


@contextmanager
def service(network=None, **settings):
    with running_depth(network or Network(), tokens=Tokens((TOKEN,)), **settings) as one:
        yield Known(one)


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    with service() as one, service() as other, running_nginx(folder, one.port, other.port) as nginx:
        yield nginx


def test_an_upload_is_answered_and_its_etag_and_refusals_pass(front):
    heat = front.ask("/v1/depth", PHOTO, **LET_IN)
    assert (heat.status, heat.image.shape[:2]) == (200, (48, 64))
    again = front.ask("/v1/depth", PHOTO, **LET_IN, If_None_Match=heat.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    refused = front.ask("/v1/depth", PHOTO)
    assert (refused.status, refused.json["status"]) == (401, 401)
    assert refused.headers["content-type"] == "application/problem+json"
    assert front.ask("/metrics", **LET_IN).status == 404


def test_names_of_streams_and_tokens_of_players_are_not_logged(front):
    for path in ("live/{}", "stream/{}.mjpeg", "snapshot/{}.jpg", "depth/{}.mkv", "api/cameras/{}/state"):
        assert front.ask(f"/{path.format('a-name-of-a-stream')}?token={TOKEN}").status < 500
    front.ask("/readyz")
    log = front.folder / "access.log"
    until(lambda: "GET /readyz " in log.read_text())
    assert [word for word in ("a-name-of-a-stream", TOKEN) if word in log.read_text()] == []


def test_a_client_goes_on_when_its_connection_was_closed(front, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(front.folder / "secrets" / "tls" / "fullchain.pem"))
    with Client(f"https://localhost:{front.port}", TOKEN) as client:
        for _ in range(2):
            assert client.depth(PHOTO).values.size
            front.reload()  # which closes all that are idle, as the time for the next request does
            assert select.select([client._connection.sock], [], [], BOUND)[0]
        assert client.depth(PHOTO).values.size


def test_how_large_is_too_large_is_for_the_service_to_say(front):
    refused = front.ask("/v1/depth", bytes(20_000_001), **LET_IN)
    assert refused.status == 413
    assert "20 MB" in refused.json["detail"]


def test_a_client_is_known_by_its_own_address_and_not_by_what_it_says(front, caplog):
    caplog.set_level(logging.INFO, "streamdepth.access")
    said = front.ask("/v1/depth", PHOTO, source=("127.0.0.2", 0), **LET_IN, X_Forwarded_For="203.0.113.9")
    request = said.headers["x-request-id"]

    def clients():
        lines = [one.fields for one in caplog.records if one.name == "streamdepth.access"]
        return [line["client"] for line in lines if line["request_id"] == request]

    until(clients)  # the line comes after the answer, as those of other requests do
    assert clients() == ["127.0.0.2"]


def test_a_full_service_is_heard_before_the_upload(tmp_path):
    networks = Network(), Network()
    full = {"limits": Limits(waiting=1), "lanes": 1}
    with (
        service(networks[0], **full) as one,
        service(networks[1], **full) as other,
        running_nginx(tmp_path, one.port, other.port) as nginx,
        filled(one, networks[0]),
        filled(other, networks[1]),
    ):
        connection = nginx.connection()
        connection.putrequest("POST", "/v1/depth")
        connection.putheader("Authorization", f"Bearer {TOKEN}")
        connection.putheader("Content-Type", "application/octet-stream")
        connection.putheader("Content-Length", "15000000")
        connection.endheaders()  # and no body
        answer = connection.getresponse()
        assert answer.status == 429
        assert int(answer.getheader("Retry-After")) >= 1
        assert json.loads(answer.read())["status"] == 429
        connection.close()


def test_one_that_goes_away_is_passed_over_and_all_away_is_said(tmp_path):
    gone = free_port()
    with service() as one, running_nginx(tmp_path, gone, one.port) as nginx:
        answers = [nginx.ask("/v1/depth", encoded(".png", picture(20 + n, 20)), **LET_IN) for n in range(4)]
        assert [answer.status for answer in answers] == [200] * 4
    with running_nginx(tmp_path / "alone", gone, gone) as nginx:
        away = nginx.ask("/v1/depth", PHOTO, **LET_IN)
    assert (away.status, away.json["status"], away.headers["retry-after"]) == (503, 503, "2")
    assert away.headers["content-type"] == "application/problem+json"


@contextmanager
def telling(*events):
    """What answers with server-sent events: each but the first waits until it is told to go on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        go_on = threading.Semaphore(0)

        def run():
            with listener.accept()[0] as line:
                line.recv(4000)
                line.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
                )
                for event in events:
                    line.sendall(event)
                    if not go_on.acquire(timeout=BOUND):
                        return

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], go_on
        finally:
            for _ in events:
                go_on.release()
            thread.join(BOUND)


def test_an_event_is_not_held_back_until_the_next(tmp_path):
    first, second = b"data: 1\n\n", b"data: 2\n\n"
    with telling(first, second) as (port, go_on), running_nginx(tmp_path, port, port) as nginx:
        connection = nginx.connection()
        connection.request("GET", "/v1/jobs/one/events")
        answer = connection.getresponse()
        assert answer.read(len(first)) == first
        go_on.release()
        assert answer.read(len(second)) == second
        connection.close()


class Through:
    """A live page as it is seen by way of nginx."""

    def __init__(self, front, **headers):
        self.front, self.headers = front, headers

    def post_offer(self, sdp, place="/whep"):
        body = sdp if isinstance(sdp, bytes) else sdp.encode()
        return self.ask(place, "POST", body, Content_Type="application/sdp")

    def ask(self, path, method="GET", body=None, **headers):
        said = self.front.ask(path, body, method=method, **{**self.headers, **headers})
        given = {name.title(): value for name, value in said.headers.items()}
        begun = urljoin(path, said.headers.get("location", ""))
        return said.status, given | {"ETag": said.headers.get("etag"), "Location": begun}, said.body


def test_a_live_page_is_watched_by_whep_and_by_mjpeg(tmp_path):
    async def look(nginx):
        watcher = await Watcher(Through(nginx)).watch(BOUND)
        try:
            assert watcher.location.startswith("/whep/")
            return (await watcher.picture()).shape
        finally:
            await watcher.connection.close()

    with running_service() as live:
        port = live.url.rpartition(":")[2]
        with running_nginx(tmp_path, port, sites=("live.conf",)) as nginx:
            assert len(asyncio.run(look(nginx))) == 3
            stream = nginx.connection()
            stream.request("GET", "/stream.mjpg")
            answer = stream.getresponse()
            assert answer.getheader("Content-Type").startswith("multipart/x-mixed-replace")
            assert answer.read(2)  # of a stream that does not end
            stream.close()
            until(lambda: live.viewers() == 0)
        assert (tmp_path / "access.log").read_text() == ""


def begun(service):
    lines = service.ask("/metrics").body.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("streamdepth_live_begun_total "))


def test_a_camera_and_all_who_watch_it_are_with_one_of_two_processes(tmp_path):
    names = [f"a-camera-of-a-client-{number}" for number in range(3)]

    async def scenario(through):
        senders = [Sender(through, lambda _number: np.full((48, 64, 3), 200, np.uint8)) for _ in names]
        try:
            for name, sender in zip(names, senders, strict=True):
                sender.place = f"/whip/{name}"
                await sender.send()
                assert sender.location.startswith(f"/whip/{name}/")
            for name in names:
                watcher = await Watcher(through, place=f"/whep/{name}").watch(BOUND)
                assert (await watcher.picture()).ndim == 3
                assert through.ask(watcher.location, "DELETE")[0] == 200
                await watcher.connection.close()
            assert [await sender.leave() for sender in senders] == [200] * len(names)
        finally:
            await asyncio.gather(*(sender.connection.close() for sender in senders))

    live = LiveSettings(len(names))
    with (
        service(live=live) as one,
        service(live=live) as other,
        running_nginx(tmp_path, one.port, other.port) as nginx,
    ):
        asyncio.run(scenario(Through(nginx, Authorization=f"Bearer {TOKEN}")))
        assert sum(begun(each) for each in (one, other)) == len(names)
