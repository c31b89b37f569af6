"""A run whose source is what is sent to it, with a small stand-in for the network, and senders made of aiortc."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from fractions import Fraction

import cv2
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from av import VideoFrame
from stamped_feed import PATIENCE

from streamdepth.frames import DepthMap
from streamdepth.live.encoder import LiveEncoder
from streamdepth.pipeline import Pipeline, RunStats
from streamdepth.rendering import Renderer
from streamdepth.reporting.report import describe
from streamdepth.sources.browser.source import BrowserSource
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.sink import WebSink
from streamdepth.viewers.state import RunFacts

RATE = 30
CHROMIUM = shutil.which("chromium")


class LightIsNear:
    """Depth that can be told from the picture: what is light is near."""

    def estimate(self, image):
        grey = cv2.resize(image.max(axis=2), (64, 48), interpolation=cv2.INTER_AREA)
        return DepthMap(grey.astype(np.float32) / 25)


@contextmanager
def running_camera_service(new_service, *, renderer=None, size=None, **settings):
    source = BrowserSource(size)
    stats, renderer = RunStats(), renderer or Renderer(alpha=0.0)
    encoder = LiveEncoder(source.info)
    sink = WebSink(
        WebSettings(port=0, **settings),
        encoder,
        controls=renderer,
        facts=RunFacts(lambda: describe(source.info, None, stats.snapshot()), stats.recent),
        warn=lambda line: pytest.fail(line),
        camera=source,
    )
    pipeline = Pipeline(source, LightIsNear(), renderer, stats=stats)
    run = threading.Thread(target=lambda: pipeline.run([encoder, sink]), name="run-of-a-camera")
    run.start()
    service = new_service(encoder, sink, renderer, None)
    service.source, service.captured = source, lambda: stats.snapshot().captured
    try:
        yield service
    finally:
        pipeline.stop()
        run.join(PATIENCE)
        assert not run.is_alive()


class Stamped(MediaStreamTrack):
    """Thirty stamped pictures a second, each of what `draw` makes of its number."""

    kind = "video"

    def __init__(self, draw):
        super().__init__()
        self.draw, self.number = draw, 0
        self._began = None

    async def recv(self):
        self._began = self._began or time.monotonic()
        self.number += 1
        await asyncio.sleep(max(0, self._began + self.number / RATE - time.monotonic()))
        frame = VideoFrame.from_ndarray(self.draw(self.number), format="bgr24").reformat(format="yuv420p")
        frame.pts, frame.time_base = self.number * 90000 // RATE, Fraction(1, 90000)
        return frame


class Sender:
    """A camera made of aiortc; with sound first and in one BUNDLE, as OBS sends."""

    place = "/whip"

    def __init__(self, service, draw, *, codec="H264", sound=False, **headers):
        self.service, self.headers = service, headers
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        if sound:
            self.connection.addTransceiver(AudioStreamTrack(), direction="sendonly")
        self.track = Stamped(draw)
        self.video = self.connection.addTransceiver(self.track, direction="sendonly")
        wanted = (f"video/{codec}", "video/rtx")
        capabilities = RTCRtpSender.getCapabilities("video").codecs
        self.video.setCodecPreferences([c for c in capabilities if c.mimeType in wanted])

    async def offer(self):
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def post(self, sdp):
        headers = {"Content-Type": "application/sdp", **self.headers}
        return await asyncio.to_thread(self.service.ask, self.place, "POST", sdp.encode(), **headers)

    async def send(self, sdp=None):
        status, headers, body = await self.post(sdp or await self.offer())
        assert status == 201, body
        self.location, self.etag, self.answer = headers["Location"], headers["ETag"], body.decode()
        await self.connection.setRemoteDescription(RTCSessionDescription(self.answer, "answer"))
        return self

    async def leave(self):
        return (await asyncio.to_thread(self.service.ask, self.location, "DELETE", **self.headers))[0]


@pytest.fixture
def new_sender(stamped):
    return lambda service, draw=stamped, **more: Sender(service, draw, **more)


@pytest.fixture
def sending(new_sender):
    @asynccontextmanager
    async def sending(service, *words, **more):
        sender = new_sender(service, *words, **more)
        try:
            yield await sender.send()
        finally:
            await sender.connection.close()

    return sending


@pytest.fixture
def camera_service(new_service):
    """Starts a run whose source is sent to it."""
    return lambda **more: running_camera_service(new_service, **more)


@pytest.fixture(scope="module")
def camera_browser(tmp_path_factory):
    """Chromium with a camera that draws a test picture, which it lets every page have."""
    if CHROMIUM is None:
        pytest.skip("not installed: chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            headless=True,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            ],
        )
        yield browser
        browser.close()
