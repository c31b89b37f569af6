"""The parts of scripts/bench/webrtc.py: stamped pictures, what serves them, and what watches."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.codecs.h264 import h264_depayload
from aiortc.codecs.vpx import vp8_depayload
from aiortc.contrib.media import MediaRelay
from aiortc.rtcrtpreceiver import StreamStatistics
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).parents[2] / "tests" / "fakes"))
from stamped_feed import CELL, RATE, detailed, stamp, stamp_of

from streamdepth import DepthMap, Estimate, Frame, Picture, Rendered, Renderer
from streamdepth.frames import SourceInfo
from streamdepth.live.encoder import LiveEncoder
from streamdepth.pixels import I420
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.sink import WebSink
from streamdepth.viewers.state import RunFacts

BITS = 20
REPORT: dict[str, Any] = dict.fromkeys(("source", "model", "engine", "precision", "frames", "stages_ms"))


def clock_ms() -> int:
    """The one clock that a browser and this program share, as a stamp holds it."""
    return int(time.time() * 1000) % (1 << BITS)


def age_ms(luma: NDArray[np.uint8], row: int) -> int:
    """Since the stamp in a row of cells."""
    return (clock_ms() - stamp_of(luma, bits=BITS, row=row)) % (1 << BITS)


class Ticker:
    """The next picture when it is due, stamped in the first row."""

    def __init__(self, width: int, height: int) -> None:
        self._images = detailed(width, height)
        self._number = 0
        self._due = time.monotonic()

    def wait_seconds(self) -> float:
        """Until the next one is due."""
        now = time.monotonic()
        if self._due <= now:
            self._due = max(self._due + 1 / RATE, now)
        return self._due - now

    def draw(self) -> NDArray[np.uint8]:
        """It, with the moment of now."""
        image = self._images[self._number % len(self._images)].copy()
        self._number += 1
        stamp(image, clock_ms(), bits=BITS)
        return image


def serve_shared(width: int, height: int, pipe: Any) -> None:
    """This project's way, without a network: one encoder for all."""
    cv2.setNumThreads(1)
    ticker, depth = Ticker(width, height), DepthMap(np.zeros((4, 4), np.float32))
    encoder = LiveEncoder(SourceInfo(width, height, Fraction(RATE), True, 1.0))
    sink = WebSink(
        WebSettings(port=0, max_viewers=32),
        encoder,
        controls=Renderer(),
        facts=RunFacts(lambda: REPORT, lambda: (0.0, 0.0, 0)),
        warn=print,
    )
    pipe.send(sink.address)
    while True:
        if pipe.poll(ticker.wait_seconds()):
            if pipe.recv() == "stop":
                break
            pipe.send(time.process_time())
            continue
        picture = Picture.of_bgr(ticker.draw())
        frame = Frame(0, Fraction(0), time.monotonic(), picture)
        rendered = Rendered(Estimate(frame, depth, 0.0), picture)
        encoder.write(rendered)
        sink.write(rendered)
    sink.close()
    encoder.close()


class StockTrack(MediaStreamTrack):
    """Pictures for aiortc's own encoders, converted once."""

    kind = "video"

    def __init__(self, ticker: Ticker) -> None:
        super().__init__()
        self._ticker = ticker
        self._began = time.monotonic()

    async def recv(self) -> av.VideoFrame:
        """The next picture, as aiortc asks for it."""
        await asyncio.sleep(self._ticker.wait_seconds())
        packed = cv2.cvtColor(self._ticker.draw(), cv2.COLOR_BGR2YUV_I420)
        frame = av.VideoFrame.from_ndarray(np.asarray(packed, np.uint8), format="yuv420p")
        frame.time_base = Fraction(1, 90000)
        frame.pts = int((time.monotonic() - self._began) * 90000)
        return frame


def serve_stock(width: int, height: int, pipe: Any) -> None:
    """aiortc's way: an encoder for each peer."""
    cv2.setNumThreads(1)

    async def serve() -> None:
        relay, track = MediaRelay(), StockTrack(Ticker(width, height))
        peers = []
        pipe.send("")
        while True:
            if not pipe.poll(0):
                await asyncio.sleep(0.005)
                continue
            message = pipe.recv()
            if message == "stop":
                break
            if message == "cpu":
                pipe.send(time.process_time())
                continue
            peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            peers.append(peer)
            peer.addTrack(relay.subscribe(track, buffered=False))
            await peer.setRemoteDescription(RTCSessionDescription(message, "offer"))
            await peer.setLocalDescription(await peer.createAnswer())
            pipe.send(peer.localDescription.sdp)
        for peer in peers:
            await peer.close()

    asyncio.run(serve())


class Counted:
    """Frames that a run has written, and of those the depth maps."""

    def __init__(self) -> None:
        self.written, self.depths, self._last = 0, 0, -1

    def saw(self, rendered: Rendered) -> None:
        """One more."""
        self.written += 1
        index = rendered.estimate.frame.index
        self.depths += index != self._last and rendered.estimate.seconds > 0
        self._last = index


def serve_live(width: int, height: int, pipe: Any) -> None:
    """`streamdepth --input demo --model nano --webrtc` itself; each picture is stamped as it goes to the encoder.

    The first row says when that was, the second when the frame was captured.
    """
    from streamdepth.cli.app import _exit_status

    counted, write, listen = Counted(), LiveEncoder.write, WebSink.__init__

    def stamping_write(encoder: LiveEncoder, rendered: Rendered) -> None:
        counted.saw(rendered)
        write(encoder, replace(rendered, picture=stamped(rendered)))

    def telling_init(sink: WebSink, *arguments: Any, **more: Any) -> None:
        listen(sink, *arguments, **more)
        pipe.send(sink.address)

    def answer() -> None:
        while pipe.recv() == "look":
            pipe.send((time.monotonic(), time.process_time(), counted.written, counted.depths))
        os.kill(os.getpid(), 2)

    LiveEncoder.write = stamping_write  # type: ignore[assignment,method-assign]
    WebSink.__init__ = telling_init  # type: ignore[assignment,method-assign]
    threading.Thread(target=answer, daemon=True).start()
    size = f"{width}x{height}"
    sys.exit(
        _exit_status(["--input", "demo", "--camera-size", size, "--model", "nano", "--webrtc", "--port", "0"])
    )


def stamped(rendered: Rendered) -> Picture:
    """Its picture with both stamps, in grey."""
    planes = rendered.picture.i420
    y, u, v = (plane.copy() for plane in (planes.y, planes.u, planes.v))
    captured = round((rendered.estimate.frame.captured_at - time.monotonic()) * 1000) + clock_ms()
    stamp(y, clock_ms(), bits=BITS)
    stamp(y, captured % (1 << BITS), bits=BITS, row=1)
    for plane in (u, v):
        plane[:CELL, : BITS * CELL // 2] = 128
    return Picture.of_i420(I420(y, u, v, planes.matrix, planes.full_range))


class Viewer:
    """Receives; `decodes` gives the age of each picture when it is decoded."""

    receiver: Any

    def __init__(self, decodes: bool) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.receiver = self.connection.addTransceiver("video", direction="recvonly").receiver
        # In place of its jitter buffer, which waits for the next picture.
        self.receiver._handle_rtp_packet = self._take
        self.decodes = decodes
        self.ages: list[int] = []
        self.pictures = 0
        self.first_at = 0.0
        self._data: list[bytes] = []
        self._decoder: Any = None

    async def join(self, answer_to: Any) -> float:
        """Seconds that the answer took."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        began = time.monotonic()
        answer = await answer_to(self.connection.localDescription.sdp)
        took = time.monotonic() - began
        codec = "H264" if "H264" in answer and "VP8/" not in answer else "VP8"
        self._decoder = av.CodecContext.create("h264" if codec == "H264" else "vp8", "r")
        self._depayload = h264_depayload if codec == "H264" else vp8_depayload
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return took

    async def _take(self, packet: Any, arrival_time_ms: int) -> None:
        # without these it would send no reports, and be taken for gone after twenty seconds
        streams = self.receiver._RTCRtpReceiver__remote_streams
        streams.setdefault(packet.ssrc, StreamStatistics(90000)).add(packet)
        if packet.payload:
            self._data.append(packet.payload)
        if not packet.marker:
            return
        payloads, self._data = self._data, []
        self.pictures += 1
        self.first_at = self.first_at or time.monotonic()
        if self.decodes:
            data = b"".join(self._depayload(payload) for payload in payloads)
            for frame in self._decoder.decode(av.Packet(data)):
                plane = frame.planes[0]
                self.ages.append(age_ms(np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size), 0))


READ_STAMPS = """document.addEventListener("DOMContentLoaded", () => {
  const video = document.querySelector("video");
  const canvas = document.createElement("canvas");
  const cell = CELL, bits = BITS;
  canvas.width = cell * bits; canvas.height = 2 * cell;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  window.seen = { first: null, ages: [[], []], times: [] };
  const look = () => {
    if (seen.first === null) seen.first = performance.now();
    const { width, height } = canvas;
    context.drawImage(video, 0, 0, width, height, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const now = performance.timeOrigin + performance.now();
    for (const row of [0, 1]) {
      let then = 0;
      for (let bit = 0; bit < bits; bit++) {
        const at = 4 * ((row * cell + cell / 2) * width + bit * cell + cell / 2);
        if (data[at] * 0.3 + data[at + 1] * 0.59 + data[at + 2] * 0.11 > 128) then += 2 ** bit;
      }
      seen.ages[row].push((((now - then) % 2 ** bits) + 2 ** bits) % 2 ** bits);
    }
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
})""".replace("CELL", str(CELL)).replace("BITS", str(BITS))
TO_FIRST = """() => seen.first - performance.getEntriesByType("resource")
  .find((entry) => entry.name.endsWith("/api/ice-servers")).startTime"""
TO_ANSWER = """() => {
  const post = performance.getEntriesByType("resource").find((entry) => entry.name.endsWith("/whep"));
  return post.responseEnd - post.startTime;
}"""
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def watch_in_chromium(address: str, seconds: float) -> dict[str, Any]:
    """What a real browser sees of the page: ages of pictures in ms, by row of stamps; first picture and POST in ms."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=shutil.which("chromium"), headless=True, args=CHROMIUM_ARGUMENTS
        )
        page = context.pages[0]
        page.add_init_script(READ_STAMPS)
        page.goto(address)
        end = time.monotonic() + 20
        while page.evaluate("seen.first") is None:
            if time.monotonic() > end:
                raise SystemExit(f"Chromium shows no picture: {page.text_content('#word')}")
            page.wait_for_timeout(10)
        figures = {"first": page.evaluate(TO_FIRST), "post": page.evaluate(TO_ANSWER)}
        page.wait_for_timeout(2000)
        page.evaluate("seen.ages = [[], []]")
        page.wait_for_timeout(seconds * 1000)
        figures["ages"] = page.evaluate("seen.ages")
        figures["rate"] = len(figures["ages"][0]) / seconds
        context.close()
    return figures


@contextmanager
def others_paused(pid: int | None) -> Iterator[None]:
    """A process of lower importance, stopped meanwhile."""
    if pid is not None:
        os.kill(pid, 19)
    try:
        yield
    finally:
        if pid is not None:
            os.kill(pid, 18)


def machine() -> str:
    """One line for the table: processor, cores, and what else there was to do."""
    figures = subprocess.run(["lscpu"], capture_output=True, text=True, check=False).stdout
    name = re.search(r"Model name:\s*(.*)", figures)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{name[1] if name else 'unknown'}, {os.cpu_count()} cores, load {load}, {time.strftime('%Y-%m-%d %H:%M')}"
