"""Cameras that clients send to the depth service: a run for each, so many at once, and nothing of it when they left."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import asynccontextmanager

import numpy as np
import pytest
import services
from depth_services import BOUND, Network, running_depth, until
from senders import Sender
from services import Watcher

from streamdepth.errors import SinkError
from streamdepth.server.live import runs
from streamdepth.server.live.run import LiveRun
from streamdepth.server.settings import LiveSettings

NAME, OTHER = "a-camera-of-a-client", "another-one-of-another"
SDP = {"Content_Type": "application/sdp"}


def draw(_number):
    """Near, which is green here, on the left."""
    image = np.zeros((96, 128, 3), np.uint8)
    image[:, :64, 1] = 255
    return image


class Under(services.Asking):
    """What is asked under the name of a stream."""

    def __init__(self, client, name=NAME):
        super().__init__(client.url)
        self.name = name

    def ask(self, path, method="GET", body=None, **headers):
        path = f"{path}/{self.name}" if path in ("/whip", "/whep") else path
        return super().ask(path, method, body, **headers)

    def state(self, **headers):
        return json.loads(self.ask(f"/api/cameras/{self.name}/state", **headers)[2])


@asynccontextmanager
async def sending(client, name=NAME, **headers):
    sender = Sender(Under(client, name), draw, **headers)
    try:
        yield await sender.send()
    finally:
        await sender.connection.close()


async def refused(client, name):
    """The answer to an offer that is refused."""
    sender = Sender(Under(client, name), draw)
    try:
        return await sender.post(await sender.offer())
    finally:
        await sender.connection.close()


async def is_so(holds):
    await asyncio.to_thread(until, holds)


def count(client, name):
    lines = client.ask("/metrics").body.decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))


def lives(client, name=NAME):
    return lambda: Under(client, name).state()["condition"] == "live"


@pytest.fixture
def until_it_is_gone(monkeypatch):
    """Waits until no camera is there: those that left are not waited for long. One that comes has its usual time."""
    monkeypatch.setattr(runs, "LOOK_EVERY", 0.05)

    async def wait(client):
        with monkeypatch.context() as hurried:
            hurried.setattr(runs, "GONE", 0.5)
            await is_so(lambda: count(client, "streamdepth_live_cameras") == 0)

    return wait


def test_a_sender_sees_its_depth_and_its_run_ends_when_it_is_gone(until_it_is_gone):
    async def scenario(client, network):
        resting = Under(client).state()
        assert (resting["source"]["kind"], resting["condition"]) == ("browser", "starting")
        assert resting["behind"] == "", "a page that shows single pictures shows this as it is"
        status, _, body = Under(client).post_offer("v=0")
        assert (status, json.loads(body)["detail"]) == (409, "waiting for a camera: use yours here")
        async with sending(client) as sender:
            assert sender.location.startswith(f"/whip/{NAME}/")
            watcher = await Watcher(Under(client)).watch(20.0)
            picture = (await watcher.picture()).astype(int)
            assert picture[:, :60].mean() > picture[:, 68:].mean() + 30, "what is near is bright"
            assert network.seen, "its pictures went through the lanes of the service"
            await is_so(lives(client))
            assert Under(client).state()["viewers"]["now"] == 1
            assert count(client, "streamdepth_live_cameras") == count(client, "streamdepth_viewers") == 1
            assert await sender.leave() == 200
            await until_it_is_gone(client)
            assert (await watcher.message("ended"))["ended"]
        assert Under(client).state() == resting
        written = count(client, 'streamdepth_live_frames_total{step="written"}')
        assert written > 0, "what was done is counted still"
        async with sending(client):
            await is_so(lambda: count(client, 'streamdepth_live_frames_total{step="written"}') > written)
        assert count(client, "streamdepth_live_begun_total") == 2
        await watcher.connection.close()

    network = Network()
    with running_depth(network) as client:
        asyncio.run(scenario(client, network))


def test_one_more_than_there_may_be_is_refused_until_another_has_left(until_it_is_gone):
    async def scenario(client):
        async with sending(client) as sender:
            status, headers, body = await refused(client, OTHER)
            assert (status, int(headers["Retry-After"]) > 0) == (429, True)
            assert "no more than 1 camera may" in json.loads(body)["detail"]
            assert (await refused(client, NAME))[0] == 409, "a stream has one sender"
            assert await sender.leave() == 200
        await until_it_is_gone(client)
        async with sending(client, OTHER):
            assert count(client, "streamdepth_live_cameras") == 1

    with running_depth(Network(), live=LiveSettings(1)) as client:
        asyncio.run(scenario(client))


def test_two_cameras_have_a_run_each():
    async def scenario(client):
        async with sending(client), sending(client, OTHER):
            await is_so(lives(client))
            await is_so(lives(client, OTHER))
            look = ("PATCH", b'{"colormap": "turbo"}')
            assert (
                Under(client).ask(f"/api/cameras/{OTHER}/look", *look, Content_Type="application/json")[0]
                == 200
            )
            assert Under(client).state()["look"]["colormap"] == "inferno"

    with running_depth(Network(), lanes=4) as client:
        assert "streamdepth_live_cameras_most 2.0" in client.ask("/metrics").body.decode(), (
            "one for two lanes"
        )
        asyncio.run(scenario(client))


def test_a_page_that_is_loaded_again_goes_on_in_the_same_run():
    async def scenario(client):
        async with sending(client) as sender:
            await is_so(lives(client))
            await sender.leave()
        await is_so(lambda: Under(client).state()["condition"].startswith("away"))
        async with sending(client):
            await is_so(lives(client))
        assert count(client, "streamdepth_live_begun_total") == 1

    with running_depth(Network()) as client:
        asyncio.run(scenario(client))


def test_no_run_begins_for_what_is_no_camera_and_no_stream_is_found_without_its_name():
    with running_depth(Network()) as client:
        asking = Under(client)
        assert asking.ask("/whip", "POST", b"v=0", **SDP)[0] == 400
        status, _, body = asyncio.run(refused(client, "short"))
        assert (status, "16 to 64 letters" in json.loads(body)["detail"]) == (422, True)
        assert count(client, "streamdepth_live_begun_total") == 0
        for path in ("/whep", "/whip"):
            assert client.ask(path, b"v=0", **SDP).status in (400, 404)
        for path in ("/snapshot.jpg", "/stream.mjpg", "/api/state", "/api/look"):
            assert client.ask(path).status == 404, path
        assert client.ask("/api/cameras").status == 404, "names are not told"


def test_a_service_that_ends_ends_its_cameras():
    async def scenario():
        with running_depth(Network()) as client:
            sender = Sender(Under(client), draw)
            await sender.send()
            await is_so(lives(client))
        await sender.connection.close()  # `running_depth` saw it end in time, and without an error

    asyncio.run(scenario())


def own_threads():
    return {thread for thread in threading.enumerate() if thread.name.startswith("streamdepth-")}


def test_a_service_that_has_ended_leaves_no_thread(tmp_path):
    async def scenario(client):
        async with sending(client) as sender:
            await is_so(lives(client))
            assert await asyncio.to_thread(lambda: client.ask(f"/snapshot/{NAME}.jpg").status) == 200
            assert client.ask("/v1/jobs/of-nobody").status == 404
            began = " ".join(thread.name for thread in own_threads() - before)
            assert all(name in began for name in ("live-aside", "jobs-aside")), "what is to end is there"
            await sender.leave()

    before = own_threads()
    with running_depth(Network(), jobs=tmp_path) as client:
        asyncio.run(scenario(client))
    until(lambda: own_threads() <= before)


def test_a_run_that_cannot_begin_is_told_as_that_and_leaves_its_place(monkeypatch):
    answered = threading.Event()

    def fail(*_given):
        raise SinkError("it cannot be shown", "start again")

    monkeypatch.setattr(LiveRun, "_page", fail)
    monkeypatch.setattr(LiveRun, "_fail", lambda *_: answered.wait(BOUND))  # its thread has not ended yet
    with running_depth(Network()) as client:
        status, headers, body = asyncio.run(refused(client, NAME))
        answered.set()
        assert (status, int(headers["Retry-After"]) > 0) == (503, True)
        assert "cannot be taken now" in json.loads(body)["detail"]
        until(lambda: count(client, "streamdepth_live_cameras") == 0)


def test_while_the_network_is_loaded_nobody_sends():
    network = Network()
    network.gate.clear()

    def load():
        assert network.gate.wait(20)
        raise AssertionError("the test is over")

    with pytest.raises(AssertionError), running_depth(network, load=load) as client:
        assert asyncio.run(refused(client, NAME))[0] == 503
