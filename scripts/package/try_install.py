"""Tries the streamdepth that is installed beside the Python that runs this, far from any checkout.

    ENVIRONMENT/bin/python scripts/package/try_install.py full|light

A full install runs `nano` on both runtimes, `midas-small` with made-up weights on all four, a WebRTC viewer, an export
and two training steps. A light one (README.md, Install) runs `nano`, a network file and a viewer, and says in one
sentence what it lacks for the rest. Exits with 1 at the first thing that does not go as it should.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import cv2
import numpy as np

BOUND = 240.0
"""Seconds for any one command."""
COMMAND = (sys.executable, "-m", "streamdepth")
RUN = ("--input", "demo", "--frames", "3", "--camera-size", "320x240", "--output", "depth.mp4")
MIDAS = """
import torch
from streamdepth.models.networks.midas_small import MidasSmall
torch.manual_seed(0)
torch.save(MidasSmall().state_dict(), "midas.pt")
"""


@dataclass(frozen=True)
class Trial:
    """A command, the status it ends with, and words that it says in one line where that is no success."""

    name: str
    words: tuple[str, ...]
    status: int = 0
    says: str = ""


def _run(model: str, engine: str) -> Trial:
    words = (*RUN, "--model", model, "--engine", engine, "--precision", "fp32", "--size", "128")
    return Trial(f"{model} on {engine}", words)


TRAIN = ("train", "pictures", "--size", "64x64", "--batch", "2", "--steps", "2", "--device", "cpu")
FULL = (
    _run("nano", "onnxruntime"),
    _run("nano", "openvino"),
    *(_run("midas.pt", engine) for engine in ("torch", "torchscript", "onnxruntime", "openvino")),
    Trial("the choice by itself", (*RUN, "--model", "nano")),
    Trial("an export to ONNX", ("models", "export", "nano", "--output", "exported.onnx")),
    Trial("an export to OpenVINO", ("models", "export", "nano", "--output", "exported.xml")),
    _run("exported.onnx", "onnxruntime"),
    Trial("two training steps", TRAIN),
    Trial("doctor", ("doctor",)),
)
LIGHT = (
    Trial("nano", (*RUN, "--model", "nano")),
    Trial("a network file", (*RUN, "--model", "network.onnx")),
    Trial("evaluate", ("evaluate", "pictures", "--model", "nano", "--size", "64")),
    Trial("bench", ("bench", "--model", "nano", "--seconds", "0.1", "--rounds", "1")),
    Trial("doctor", ("doctor",), 0, "pip install torch"),
    Trial("OpenVINO by name", (*RUN, "--model", "nano", "--engine", "openvino"), 2, "pip install openvino"),
    Trial("PyTorch by name", (*RUN, "--model", "nano", "--engine", "torch"), 2, "pip install torch"),
    Trial("weights", (*RUN, "--model", "weights.safetensors"), 1, "pip install torch"),
    Trial("an export", ("models", "export", "nano", "--output", "n.onnx"), 1, "pip install torch"),
    Trial("training", TRAIN, 1, "pip install torch"),
)


def main(kind: str) -> None:
    """Try it all in a temporary folder, with a home of its own."""
    with tempfile.TemporaryDirectory(prefix="streamdepth-try-") as folder:
        os.chdir(folder)
        os.environ["HOME"] = folder
        os.environ.pop("XDG_CACHE_HOME", None)
        _prepare(kind)
        for trial in FULL if kind == "full" else LIGHT:
            with _step(trial.name):
                _try(trial)
        with _step("a WebRTC viewer"):
            _watch()


def _prepare(kind: str) -> None:
    Path("pictures").mkdir()
    random = np.random.default_rng(0)
    for index in range(4):
        level = np.kron(random.random((4, 4)), np.ones((16, 16)))
        picture = np.repeat((level * 255).astype(np.uint8)[:, :, None], 3, 2)
        cv2.imwrite(f"pictures/{index}.png", picture)
        cv2.imwrite(f"pictures/{index}_depth.png", (1000 / (0.2 + level)).astype(np.uint16))
    if kind == "full":
        subprocess.run([sys.executable, "-c", MIDAS], check=True, timeout=BOUND)
        return
    from streamdepth.models.weights.store import DATA

    Path("network.onnx").write_bytes((DATA / "nano.onnx").read_bytes())
    Path("weights.safetensors").write_bytes((DATA / "nano.safetensors").read_bytes())


@contextmanager
def _step(name: str) -> Iterator[None]:
    begin = time.monotonic()
    yield
    print(f"  ok  {name} ({time.monotonic() - begin:.1f} s)", flush=True)


def _try(trial: Trial) -> None:
    done = subprocess.run(
        [*COMMAND, *trial.words], capture_output=True, text=True, timeout=BOUND, check=False
    )
    said = done.stdout + done.stderr
    fits = done.returncode == trial.status and trial.says in said
    if trial.status:
        errors = [line for line in done.stderr.splitlines() if line.startswith("streamdepth: error: ")]
        fits = fits and len(errors) == 1 and "Traceback" not in said and trial.says in errors[0]
    if not fits:
        sys.exit(f"FAILED {trial.name}: ended with {done.returncode} and said\n{said}")


def _watch() -> None:
    """A picture by WebRTC, on loopback."""
    words = ("--input", "demo", "--camera-size", "320x240", "--model", "nano", "--webrtc", "--port", "0")
    with subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            lines = iter(process.stderr.readline, "")
            address = next(word for line in lines for word in line.split() if word.startswith("http://"))
            width, height = asyncio.run(asyncio.wait_for(_first_picture(address.rstrip("/")), 120))
        finally:
            process.terminate()
    if (width, height) != (320, 240):
        sys.exit(f"FAILED a WebRTC viewer: a picture of {width}x{height}")


async def _first_picture(address: str) -> tuple[int, int]:
    from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        connection.addTransceiver("video", "recvonly")
        await connection.setLocalDescription(await connection.createOffer())
        offer = Request(
            f"{address}/whep",
            connection.localDescription.sdp.encode(),
            {"Content-Type": "application/sdp"},
        )
        answer = await _answer(offer)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        track = connection.getReceivers()[0].track
        frame: Any = await track.recv()
        return frame.width, frame.height
    finally:
        await connection.close()


async def _answer(offer: Request) -> str:
    """What the server answers once it has a picture: until then it says 409."""
    while True:
        try:
            answer: bytes = (await asyncio.to_thread(urlopen, offer, timeout=20)).read()
            return answer.decode()
        except HTTPError as error:
            if error.code != 409:
                raise
            await asyncio.sleep(0.5)


if __name__ == "__main__":
    main(sys.argv[1])
