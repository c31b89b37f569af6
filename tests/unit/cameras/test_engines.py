from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np

from streamdepth.cameras.engines import NetworkForAll
from streamdepth.engine import Engine
from streamdepth.frames import DepthMap
from streamdepth.models.metadata import card_of
from streamdepth.pixels import Picture
from streamdepth.protocols import SharedEngine
from streamdepth.reporting.events import Said, ignore
from streamdepth.run.spec import NetworkSpec
from streamdepth.threads.aside import run_aside

PICTURE = Picture.of_bgr(np.zeros((48, 64, 3), np.uint8))


class Lane:
    def __init__(self):
        self.warmed, self.inferred = [], 0

    def warm_up(self, width, height):
        self.warmed.append((width, height))

    def estimate(self, image):
        return self.estimate_picture(Picture.of_bgr(image))

    def estimate_picture(self, picture):
        self.inferred += 1
        return DepthMap(np.zeros((2, 2), np.float32))


class Network(Lane):
    name, sha256, runtime_name, precision = "nano", "ab", "onnxruntime", "fp32"

    def __init__(self):
        super().__init__()
        self.lanes = [Lane(), Lane()]

    def input_size(self, width, height):
        return width // 2, height // 2


def test_one_network_is_loaded_for_all_and_every_lane_is_ready_for_each_size():
    loaded = []

    def load(network, *_):
        assert network.side_by_side
        loaded.append(Network())
        return loaded[-1]

    network = NetworkForAll(load)
    first, second = (network.engines(lambda: False)(NetworkSpec(), None, ignore) for _ in range(2))
    assert len(loaded) == 1
    assert isinstance(first, SharedEngine)
    assert (second.name, second.precision, second.input_size(64, 48)) == ("nano", "fp32", (32, 24))
    first.warm_up(64, 48)
    second.warm_up(32, 24)
    assert [lane.warmed for lane in loaded[0].lanes] == [[(64, 48), (32, 24)]] * 2

    def work():  # in a thread of its own, which gives way
        with first.turn() as one, second.turn() as other:
            assert one is not other
        second.estimate_picture(PICTURE)
        first.estimate(PICTURE.bgr)

    run_aside("inference", work)
    assert sum(lane.inferred for lane in loaded[0].lanes) == 2
    assert loaded[0].inferred == 0


def test_what_is_said_of_the_network_is_said_of_no_camera():
    heard, of_camera = [], []

    def load(_network, _cache_dir, observe):
        observe(Said("model: nano"))
        return Network()

    engines = NetworkForAll(load, heard.append).engines(lambda: False)
    engines(NetworkSpec(), None, of_camera.append)
    assert (heard, of_camera) == ([Said("model: nano")], [])


def test_of_two_cameras_the_one_that_moves_gets_more_turns():
    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    clock = Clock()
    network = NetworkForAll(lambda *_: Network(), clock=clock)
    engines = [network.engines(lambda: False)(NetworkSpec(), None, ignore) for _ in range(2)]
    moving = np.zeros((48, 64, 3), np.uint8)
    got = [0, 0]

    def work():
        for _ in range(300):
            number = min((0, 1), key=lambda n: (engines[n]._share._finish, got[n]))
            moving[:, :32] = 255 * (got[0] % 2)
            with engines[number].turn() as lane:
                lane.estimate(moving.copy() if number == 0 else PICTURE.bgr)
                clock.now += 0.01
            got[number] += 1

    run_aside("inference", work)
    assert 190 <= got[0] <= 205, got


class InLanes:
    """A runtime that has the network in memory once more for its lanes."""

    name, precision, metadata, io_spec = "onnxruntime", "fp32", "", None

    def __init__(self, count):
        self.count = count

    def lanes(self, _most):
        return tuple(InLanes(1) for _ in range(self.count))

    def infer(self, batch):
        return batch[:, 0]


def test_what_would_infer_alone_is_not_kept_beside_the_lanes():
    alone = []

    def load(*_):
        engine = Engine(InLanes(2), card_of("", Path("net.onnx"), None), "ab")
        alone.append(weakref.ref(engine))
        return engine

    engine = NetworkForAll(load).engines(lambda: False)(NetworkSpec(), None, ignore)
    gc.collect()
    assert alone[0]() is None
    assert (engine.name, engine.sha256, engine.input_size(64, 64)) == ("net", "ab", (256, 256))
