"""How much memory a whole run takes: the command in a process of its own, on 1080p pictures."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
import torch
from engine_loading import load_engine

from streamdepth.models.networks.midas_small import MidasSmall

LIMIT_MB = 700
TRIED_MB = 100
"""More in the first run, which tries all runtimes that there are: on a processor with bf16 three ways to run it."""
GROWTH_MB = 60
SIZE = (1920, 1080)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is told in this way on Linux alone")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights, converted but not yet tried in any runtime, and a clip of 1080p."""
    folder = tmp_path_factory.mktemp("memory")
    torch.manual_seed(0)
    torch.save(MidasSmall().state_dict(), folder / "midas.pt")
    load_engine(folder / "midas.pt", runtime="onnxruntime", cache_dir=folder)
    with av.open(folder / "clip.mp4", "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        image = np.random.default_rng(0).integers(0, 255, (68, 120, 3), np.uint8).repeat(16, 0).repeat(16, 1)
        for number in range(120):
            moved = np.ascontiguousarray(np.roll(image[: SIZE[1]], number, axis=1))
            frame = av.VideoFrame.from_ndarray(moved, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return folder


@pytest.fixture(scope="module")
def peak(folder):
    """Peak memory in MB of a run of so many frames, and whether it loaded PyTorch."""

    def run(frames):
        words = [
            "--input",
            "clip.mp4",
            "--output",
            "depth.mp4",
            "--model",
            "midas.pt",
            "--frames",
            str(frames),
        ]
        words += ["--cache-dir", ".", "--report", "report.json", "--threads", "2"]
        code = (
            "import sys\nfrom streamdepth.cli.app import _exit_status\n"
            f"status = _exit_status({words})\n"
            "sys.exit(status or 'torch' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, timeout=100, check=False)
        assert done.returncode == 0
        return json.loads((folder / "report.json").read_text())["peak_rss_mb"]

    return run


@pytest.mark.timeout(600)  # three runs, each with a bound of its own
def test_midas_small_at_1080p_stays_small_does_not_grow_and_does_without_pytorch(peak):
    first, short, long = peak(30), peak(30), peak(120)
    assert first < LIMIT_MB + TRIED_MB
    assert 100 < short < LIMIT_MB
    assert long < LIMIT_MB
    assert long - short < GROWTH_MB
