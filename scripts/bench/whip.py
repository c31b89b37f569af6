#!/usr/bin/env python
"""What receiving a camera adds: latency from the stamp in the pixels of a sender to the picture that a run reads.

    .venv/bin/python scripts/bench/whip.py [--seconds 10]

The sender is an aiortc client in a process of its own; it encodes stamped pictures of the demo scene, 30 a second, and
stamps each just before it encodes it, so the encoder's time is in the figures and is also given alone. `ours` is the
source of `--input browser`, read as a run reads it; `stock` is aiortc's receiver and track as they are. Each is in a
process of its own, one after the other, in turns.

    .venv/bin/python scripts/bench/whip.py --page

measures glass to glass instead: `streamdepth --input browser --model nano` runs as a person runs it, and in a headless
Chromium the page sends a canvas with a stamp as its camera and reads the stamp off the video that comes back.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

sys.path.append(str(Path(__file__).parents[2] / "tests" / "fakes"))
from stamped_feed import RATE, stamp, stamp_of

from streamdepth.errors import NoFrameYet
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.live.codec import CodecSettings, LiveCodec
from streamdepth.pixels import Picture
from streamdepth.sources.browser.source import BrowserSource
from streamdepth.sources.demo.source import DemoScene
from streamdepth.viewers.ingest import Ingests

BITS = 20
BIT_RATE = 2_000_000
SETTLES = 2.0


def clock() -> int:
    """Tenths of milliseconds, as a stamp holds them."""
    return int(time.monotonic() * 10_000) % (1 << BITS)


def age_ms(luma: np.ndarray) -> float:
    return (clock() - stamp_of(luma, bits=BITS)) % (1 << BITS) / 10


class StampedPackets(MediaStreamTrack):
    """The demo scene, encoded as live viewers get it."""

    kind = "video"

    def __init__(self, width: int, height: int, kind: VideoCodec) -> None:
        super().__init__()
        scene = DemoScene(width, height, Fraction(RATE), None)
        self._images = [scene.draw(slot) for slot in range(60)]
        first = Picture.of_bgr(self._images[0]).i420
        self._codec = LiveCodec(CodecSettings(kind, width, height, RATE, BIT_RATE, BIT_RATE), first)
        self._number = 0
        self._began = 0.0
        self.encode_ms: list[float] = []

    async def recv(self) -> Any:
        self._began = self._began or time.monotonic()
        self._number += 1
        await asyncio.sleep(max(0.0, self._began + self._number / RATE - time.monotonic()))
        image = self._images[self._number % len(self._images)].copy()
        began = time.monotonic()
        stamp(image, clock(), bits=BITS)
        packet = self._codec.encode(
            Picture.of_bgr(image).i420, self._number * 90000 // RATE, keyframe=self._number % (2 * RATE) == 1
        )
        self.encode_ms.append(1000 * (time.monotonic() - began))
        return packet


def receive_ours(pipe: Any) -> None:
    """As a run does: senders on an event loop, pictures read by another thread."""
    source = BrowserSource()
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    ingests: list[Ingests] = []

    async def join(sdp: str) -> str:
        ingests.append(Ingests(source, ()))
        return (await ingests[0].join(sdp))[1]

    pipe.send(asyncio.run_coroutine_threadsafe(join(pipe.recv()), loop).result())
    ages: list[float] = []
    while not pipe.poll():
        try:
            frame = source.read()
        except NoFrameYet:
            continue
        if frame is None:
            break
        ages.append(age_ms(frame.i420.y))
    send_ages(pipe, ages)


def receive_stock(pipe: Any) -> None:
    """aiortc as it is."""

    async def receive() -> None:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        tracks: list[Any] = []
        connection.on("track", tracks.append)
        await connection.setRemoteDescription(RTCSessionDescription(pipe.recv(), "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        pipe.send(connection.localDescription.sdp)
        ages: list[float] = []
        while not pipe.poll():
            frame = await tracks[0].recv()
            luma = np.frombuffer(frame.planes[0], np.uint8).reshape(-1, frame.planes[0].line_size)
            ages.append(age_ms(luma))
        send_ages(pipe, ages)
        await connection.close()

    asyncio.run(receive())


def send_ages(pipe: Any, ages: list[float]) -> None:
    pipe.recv()
    pipe.send(ages)


async def measure(way: str, size: tuple[int, int], kind: VideoCodec, seconds: float) -> dict[str, Any]:
    here, there = multiprocessing.Pipe()
    target = receive_ours if way == "ours" else receive_stock
    receiver = multiprocessing.get_context("spawn").Process(target=target, args=(there,), daemon=True)
    receiver.start()
    track = StampedPackets(*size, kind)
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    video = connection.addTransceiver(track, direction="sendonly")
    wanted = (f"video/{kind.value}", "video/rtx")
    video.setCodecPreferences(
        [c for c in RTCRtpSender.getCapabilities("video").codecs if c.mimeType in wanted]
    )
    await connection.setLocalDescription(await connection.createOffer())
    here.send(connection.localDescription.sdp)
    answer = await asyncio.to_thread(here.recv)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.sleep(SETTLES + seconds)
    here.send("stop")
    ages = await asyncio.to_thread(here.recv)
    await connection.close()
    await asyncio.to_thread(receiver.join, 5)
    settled = sorted(ages[int(SETTLES * RATE) :])
    return {
        "p50": statistics.median(settled),
        "p95": settled[int(len(settled) * 0.95)],
        "rate": len(settled) / seconds,
        "encode": statistics.median(track.encode_ms),
    }


STAMPED_CAMERA = """
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext("2d");
  const cell = Math.round(WIDTH / 40);
  setInterval(() => {
    context.fillStyle = `hsl(${performance.now() / 50 % 360} 40% 40%)`;
    context.fillRect(0, cell, WIDTH, HEIGHT);
    const now = Math.round(performance.now());
    for (let bit = 0; bit < 20; bit++) {
      context.fillStyle = now >> bit & 1 ? "white" : "black";
      context.fillRect(bit * cell, 0, cell, cell);
    }
  }, 33);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(30);
  window.ages = [];
  addEventListener("DOMContentLoaded", () => {
    const video = document.getElementById("video");
    const read = Object.assign(document.createElement("canvas"), { width: 2 * WIDTH, height: cell });
    const pixels = read.getContext("2d", { willReadFrequently: true });
    const look = () => {
      const height = video.videoHeight * cell / HEIGHT;
      pixels.drawImage(video, 0, 0, video.videoWidth, height, 0, 0, 2 * WIDTH, cell);
      const row = pixels.getImageData(0, cell >> 1, 20 * cell, 1).data;
      let then = 0;
      for (let bit = 0; bit < 20; bit++) if (row[4 * (bit * cell + (cell >> 1))] > 128) then |= 1 << bit;
      ages.push(performance.now() - then);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
"""


def glass_to_glass(size: tuple[int, int], seconds: float) -> dict[str, float]:
    """Milliseconds from the canvas that stands for a camera to the video that shows it beside its depth."""
    from playwright.sync_api import sync_playwright

    options = ("--model", "nano", "--layout", "side-by-side", "--port", "0")
    command = [sys.executable, "-m", "streamdepth", "--input", "browser", *options]
    width, height = size
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run, sync_playwright() as playwright:
        assert run.stderr is not None
        address = next(line.split("watch at ")[1].strip() for line in run.stderr if "watch at " in line)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(bypass_csp=True)
        page.add_init_script(STAMPED_CAMERA.replace("WIDTH", str(width)).replace("HEIGHT", str(height)))
        page.goto(address)
        page.click("#camera_use")
        page.wait_for_function("ages.length > 0", timeout=60_000)
        page.wait_for_timeout(5000)
        page.evaluate("ages.length = 0")
        page.wait_for_timeout(1000 * seconds)
        ages = sorted(page.evaluate("ages"))
        browser.close()
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=20)
    p95 = ages[int(len(ages) * 0.95)]
    return {"p50": statistics.median(ages), "p95": p95, "rate": len(ages) / seconds}


def print_glass_to_glass(seconds: float) -> None:
    print("| camera | pictures/s | glass to glass p50/p95, ms |")
    print("|---|---|---|")
    for size in ((640, 480), (1280, 720)):
        row = glass_to_glass(size, seconds)
        print(f"| {size[0]}x{size[1]} | {row['rate']:.1f} | {row['p50']:.0f}/{row['p95']:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--page", action="store_true")
    wanted = parser.parse_args()
    if wanted.page:
        print_glass_to_glass(wanted.seconds)
        return
    print("| codec | size | way | pictures/s | latency p50/p95, ms | of which encoding, ms |")
    print("|---|---|---|---|---|---|")
    for kind in VideoCodec:
        for size in ((640, 480), (1280, 720)):
            for way in ("stock", "ours"):
                row = asyncio.run(measure(way, size, kind, wanted.seconds))
                print(
                    f"| {kind.value} | {size[0]}x{size[1]} | {way} | {row['rate']:.1f} "
                    f"| {row['p50']:.1f}/{row['p95']:.1f} | {row['encode']:.1f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
