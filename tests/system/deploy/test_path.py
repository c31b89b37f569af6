"""Programs that use both services below a path of a host, as deploy/nginx/path.conf has them there."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urljoin

from depth_services import Asking as AskingDepth
from depth_services import Network, running_depth, until
from nginx import below_a_path, needs_nginx, processes_below_a_path
from pages import film
from pictures import encoded, picture
from services import Asking, Watcher, running_service

import streamdepth
from streamdepth.client import Client

pytestmark = needs_nginx
PHOTO = encoded(".png", picture(64, 48))


def test_programs_find_the_depth_service_and_its_jobs_there(tmp_path):
    with (
        running_depth(Network(), jobs=tmp_path / "jobs") as service,
        below_a_path(tmp_path, service.url.rpartition(":")[2]) as address,
    ):
        ask_all(address, film(tmp_path / "film.mp4").read_bytes())


def ask_all(depth, data):
    asking = AskingDepth(depth)
    assert asking.ask("/readyz").status == 200
    assert asking.ask("/metrics").status == 404
    [server] = asking.ask("/openapi.json").json["servers"]
    assert urljoin(f"{depth}/openapi.json", server["url"]) == f"{depth}/"
    with Client(depth) as client:
        assert client.depth(PHOTO).values.size
    for method, place in (("POST", "/v1/jobs"), ("PUT", "/v1/jobs/one")):
        made = asking.ask(place, data, method=method, Content_Type="application/octet-stream")
        job = urljoin(depth + place, made.headers["location"]).removeprefix(depth)
        until(lambda job=job: asking.ask(job).json["state"] == "done")
        part = asking.ask(f"{job}/result", Range="bytes=0-99")
        assert (part.status, len(part.body)) == (206, 100)
        assert asking.ask(job, method="DELETE").status == 204


@contextmanager
def saying_what_is_asked():
    """A server that says its port and the path that it was asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"{self.server.server_port} {self.path}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_of_several_processes_there_one_has_all_that_is_asked_of_a_stream(tmp_path):
    with (
        saying_what_is_asked() as one,
        saying_what_is_asked() as other,
        processes_below_a_path(tmp_path, one, other) as address,
    ):
        asking = AskingDepth(address)
        whose = {}
        for name in map("camera-{}".format, range(12)):
            for path in (
                f"/live/{name}",
                f"/whep/{name}/one",
                f"/depth/{name}.mkv",
                f"/api/cameras/{name}/state",
            ):
                port, asked = asking.ask(f"{path}?a=%2F").body.decode().split()
                assert asked == f"{path}?a=%2F"
                assert whose.setdefault(name, port) == port
        assert {*whose.values()} == {str(one), str(other)}
        assert asking.ask("/").body.decode().split()[1] == "/"
        assert asking.ask("/metrics").status == 404


def test_programs_watch_a_live_page_there_and_hang_up(tmp_path):
    async def look(address):
        watcher = await Watcher(Asking(address)).watch()
        assert (await watcher.picture()).ndim == 3
        assert (await asyncio.to_thread(watcher.service.ask, watcher.location, "DELETE"))[0] == 200
        await watcher.connection.close()

    with running_service() as service, below_a_path(tmp_path, service.url.rpartition(":")[2]) as address:
        asyncio.run(look(address))
        received = streamdepth.receive(f"{address}/")
        assert next(received).picture.bgr.ndim == 3
        until(lambda: service.viewers() == 1)
        received.close()
        until(lambda: service.viewers() == 0)
