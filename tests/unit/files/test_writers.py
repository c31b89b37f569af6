"""Every writer of files: what it writes takes its name whole, and nothing is ever written under that name.

Three files grow in place, as they are meant to be looked at meanwhile: a recording, the log of a run and that of a
training.
"""

from __future__ import annotations

import os
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from estimates import HEIGHT, WIDTH, estimate

from streamdepth.evaluation.judge import Judged, Verdict
from streamdepth.evaluation.metrics import Scores
from streamdepth.evaluation.page import Page
from streamdepth.evaluation.rgbd import RgbdPair
from streamdepth.frames import Rendered, SourceInfo
from streamdepth.models.export.conversions import Conversion
from streamdepth.models.networks.nano_files import NanoCard, write_weights
from streamdepth.reporting.report import write_report
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions
from streamdepth.sinks.images.sink import ImageSink
from streamdepth.sinks.movie.sink import MovieSink
from streamdepth.training.loop import LoopOptions, Trainer
from streamdepth.training.run_folder import write_png
from streamdepth.training.trainable import write_trained

ONE = SourceInfo(WIDTH, HEIGHT, Fraction(25), live=False, read_timeout=1.0, kind="image", frame_count=1)
FILM = SourceInfo(WIDTH, HEIGHT, Fraction(25), live=False, read_timeout=1.0)
OLDER = b"what was there"


def through(sink):
    made = estimate()
    sink.write(Rendered(made, made.frame.picture))
    sink.close()


def depth_sink(path, info):
    return sink_for(path, info, DepthOptions())


def page(folder):
    scores, truth = Scores(*range(1, 9)), np.full((6, 8), 2.0, np.float32)
    verdict = Verdict(RgbdPair(Path("a.png"), Path("d.npy")), scores, scores)
    one = Page(folder, per_sheet=1)
    one.add(Judged(verdict, np.zeros((6, 8, 3), np.uint8), truth.astype(np.float64), truth, truth > 0))


def small():
    """As much of a network as its weights file needs."""
    network = torch.nn.Conv2d(3, 1, 1)
    network.config = LoopOptions(1)  # any dataclass
    return network


def trainer():
    return Trainer(torch.nn.Conv2d(3, 1, 1), lambda *_: torch.zeros(()), LoopOptions(horizon=10))


WRITERS = {
    "movie": ("a.mp4", lambda path: through(MovieSink(path, FILM))),
    "image": ("a.png", lambda path: through(ImageSink(path, ONE))),
    "depth": ("a.png", lambda path: through(depth_sink(path, ONE))),
    "film of depth": ("a.mkv", lambda path: through(depth_sink(path, FILM))),
    "index of a clip": ("a.json", lambda path: through(depth_sink(path.with_suffix(".npy"), FILM))),
    "index of a folder": ("streamdepth.json", lambda path: through(depth_sink(path.parent, FILM))),
    "facts of depth": ("a.json", lambda path: through(depth_sink(path.with_suffix(".png"), ONE))),
    "report": ("a.json", lambda path: write_report(path, {"frames": 1})),
    "sheet of an evaluation": ("sheet-001.png", lambda path: page(path.parent)),
    "curve of a training": ("curve.png", lambda path: write_png(path, np.zeros((4, 4, 3), np.uint8))),
    "checkpoint": ("checkpoint.pt", lambda path: trainer().save(path)),
    "weights": ("a.safetensors", lambda path: write_weights(small(), NanoCard(1, "2025-01-31"), path)),
    "trained weights": (
        "a.safetensors",
        lambda path: write_trained(SimpleNamespace(network=small()), {"w": torch.zeros(1)}, {}, path),
    ),
    "conversion": (
        f"net.{'?' * 16}.onnx",
        lambda path: Conversion(path.parent, "net", ".onnx").make(lambda part: part.write_bytes(b"it")),
    ),
}


_WRITES = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
"""Not O_RDWR alone, with which it is looked whether another process has locked a file."""


class Watch:
    """What this process opens to write, and renames to."""

    def __init__(self):
        self.is_on = False
        self.written, self.named = set(), set()
        sys.addaudithook(self._hear)  # for as long as the process lives

    def _hear(self, event, arguments):
        if not self.is_on:
            return
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path, mode, flags = arguments
            if (isinstance(mode, str) and set(mode) & set("wax+")) or flags & _WRITES:
                self.written.add(Path(os.fsdecode(path)))
        elif event == "os.rename":
            self.named.add(Path(os.fsdecode(arguments[1])))


WATCH = Watch()


@pytest.fixture
def watch():
    WATCH.written, WATCH.named, WATCH.is_on = set(), set(), True
    yield WATCH
    WATCH.is_on = False


@pytest.mark.parametrize("what", WRITERS)
def test_what_is_written_takes_its_name_when_it_is_whole(tmp_path, watch, what):
    name, write = WRITERS[what]
    path = tmp_path / name
    if "?" not in name:  # the name of a conversion is made of its content
        path.write_bytes(OLDER)
        watch.written.clear()
    write(path)
    (made,) = tmp_path.glob(name)
    assert made in watch.named
    assert made not in watch.written
    assert made.read_bytes() != OLDER
    assert not [left for left in tmp_path.iterdir() if ".part" in left.name]


def test_a_file_that_is_written_under_its_name_is_noticed(tmp_path, watch):
    (tmp_path / "a").write_bytes(b"in place")
    assert tmp_path / "a" in watch.written
    os.close(os.open(tmp_path / "b", os.O_WRONLY | os.O_CREAT))
    assert tmp_path / "b" in watch.written
