"""A running service with stamped pictures or a whole run, a viewer made of aiortc, and a real browser."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
import time
import urllib.error
import urllib.request
from contextlib import asynccontextmanager, contextmanager
from fractions import Fraction
from urllib.parse import urljoin

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from ports import free_port
from stamped_feed import HEIGHT, PATIENCE, RATE, WIDTH, Feed, until

from streamdepth.frames import SourceInfo
from streamdepth.live.encoder import LiveEncoder
from streamdepth.pipeline import Pipeline, RunStats
from streamdepth.rendering import Renderer
from streamdepth.reporting.report import describe
from streamdepth.sources.live.switching import SwitchingSource
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.sink import WebSink
from streamdepth.viewers.state import RunFacts

REPORT = describe(None, None, RunStats().snapshot())
CHROMIUM = shutil.which("chromium")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def running_service(*, fed=True, inputs=None, port=0, zones=None, behind=str, **settings):
    renderer = Renderer()
    encoder = LiveEncoder(SourceInfo(WIDTH, HEIGHT, Fraction(RATE), True, 1.0))
    sink = WebSink(
        WebSettings(port=port or free_port(), **settings),
        encoder,
        controls=renderer,
        facts=RunFacts(lambda: REPORT, lambda: (29.5, 0.03, 2), zones=zones, behind=behind),
        warn=lambda line: pytest.fail(line),
        inputs=inputs,
    )
    feed = Feed(encoder, sink) if fed else None
    try:
        service = Service(encoder, sink, renderer, feed)
        if fed:
            until(lambda: service.ask("/healthz")[0] == 200)
        yield service
    finally:
        if feed:
            feed.stop()
        sink.close()
        encoder.close()


@contextmanager
def running_stream(source, engine, renderer, model=None):
    """A whole run of `source` through stand-in depth to viewers, who are told that it is of a network `model`."""
    stats, encoder = RunStats(), LiveEncoder(source.info)
    sink = WebSink(
        WebSettings(port=0),
        encoder,
        controls=renderer,
        facts=RunFacts(lambda: described(source, stats, model), stats.recent),
        warn=lambda line: pytest.fail(line),
        inputs=source if isinstance(source, SwitchingSource) else None,
    )
    pipeline = Pipeline(source, engine, renderer, stats=stats)
    runner = threading.Thread(target=pipeline.run, args=([encoder, sink],), daemon=True)
    runner.start()
    try:
        service = Service(encoder, sink, renderer, None)
        until(lambda: service.ask("/healthz")[0] == 200)
        yield service
    finally:
        pipeline.stop()
        runner.join(PATIENCE)
        assert not runner.is_alive()


def described(source, stats, model):
    """The report of a run, which knows its network by its name alone."""
    report = describe(source.info, None, stats.snapshot())
    return {**report, "model": {"name": model, "sha256": "0" * 64, "input": None}} if model else report


class Asking:
    """What can be asked of a service at an address."""

    def __init__(self, address):
        self.url = address.split("#")[0].rstrip("/")

    def ask(self, path, method="GET", body=None, **headers):
        """Status, headers (`Location` as a path of the service), body."""
        request = urllib.request.Request(self.url + path, body, method=method)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                if begun := answer.headers["Location"]:
                    path = urljoin(answer.url, begun).removeprefix(self.url)
                    answer.headers.replace_header("Location", path)
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.headers, refusal.read()

    def post_offer(self, sdp, place="/whep", **headers):
        body = sdp if isinstance(sdp, bytes) else sdp.encode()
        return self.ask(place, "POST", body, **{"Content-Type": "application/sdp", **headers})

    def state(self, **headers):
        return json.loads(self.ask("/api/state", **headers)[2])

    @contextmanager
    def fed(self):
        """Pictures come while this is entered."""
        self.feed = Feed(self.encoder, self.sink)
        try:
            yield
        finally:
            self.feed.stop()

    def viewers(self):
        return self.state()["viewers"]["now"]

    def stream(self):
        """The figures of the first encoder, or None."""
        streams = self.state()["encoders"]
        return streams[0] if streams else None

    def sent(self):
        """How many pictures the first encoder has given; 0 where there is none."""
        stream = self.stream()
        return stream["pictures"] if stream else 0


class Service(Asking):
    """A service in this process."""

    def __init__(self, encoder, sink, renderer, feed):
        super().__init__(sink.address)
        self.encoder, self.sink, self.renderer, self.feed = encoder, sink, renderer, feed


class Watcher:
    """A viewer made of aiortc."""

    def __init__(self, service, configuration=None, place="/whep", **headers):
        self.service, self.place, self.headers = service, place, headers
        self.connection = RTCPeerConnection(configuration or RTCConfiguration(iceServers=[]))
        self.transceiver = self.connection.addTransceiver("video", direction="recvonly")
        self.channel = self.connection.createDataChannel("stats", ordered=False, maxRetransmits=0)
        self.messages = asyncio.Queue()
        self.channel.on("message", self.messages.put_nowait)
        self.track = None
        self.connection.on("track", self._take)

    def _take(self, track):
        self.track = track

    async def offer(self):
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def watch(self, patience=0.0):
        """Come in; for so many seconds also after a refusal that says when to come back."""
        offer, end = await self.offer(), time.monotonic() + patience
        while True:
            posted = asyncio.to_thread(self.service.post_offer, offer, self.place, **self.headers)
            status, headers, body = await posted
            if status not in (409, 429, 503) or time.monotonic() > end:
                break
            await asyncio.sleep(float(headers.get("Retry-After", 1)))
        assert status == 201, body
        self.location, self.etag = headers["Location"], headers["ETag"]
        self.answer = body.decode()
        await self.connection.setRemoteDescription(RTCSessionDescription(self.answer, "answer"))
        return self

    async def picture(self):
        """The next picture, BGR."""
        frame = await asyncio.wait_for(self.track.recv(), PATIENCE)
        return frame.to_ndarray(format="bgr24")

    async def message(self, key):
        """The next message that has a key."""
        async with asyncio.timeout(PATIENCE):
            while True:
                told = json.loads(await self.messages.get())
                if key in told:
                    return told


@asynccontextmanager
async def watching(service, **headers):
    watcher = Watcher(service, **headers)
    try:
        yield await watcher.watch()
    finally:
        await watcher.connection.close()


@pytest.fixture(scope="module")
def service():
    with running_service() as running:
        yield running


@pytest.fixture(scope="module")
def module_service():
    return running_service


@pytest.fixture(scope="session")
def service_at():
    return Asking


@pytest.fixture(scope="module")
def module_until():
    return until


@pytest.fixture(name="watching")
def watching_():
    return watching


@pytest.fixture(name="running_service")
def running_service_():
    return running_service


@pytest.fixture(name="running_stream")
def running_stream_():
    return running_stream


@pytest.fixture(scope="session")
def new_service():
    """Speaks to a service that runs: `new_service(sink, renderer, feed)`."""
    return Service


@pytest.fixture
def new_watcher():
    return Watcher


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A real Chromium with an empty profile; for one module, because Playwright keeps a loop on this thread."""
    if CHROMIUM is None:
        pytest.skip("not installed: chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")),
            executable_path=CHROMIUM,
            headless=True,
            args=list(CHROMIUM_ARGUMENTS),
            viewport={"width": 1000, "height": 700},
        )
        context.set_default_timeout(1000 * PATIENCE)
        yield context
        context.close()
