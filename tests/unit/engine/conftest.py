"""Weights and caches of the tests' own."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

from streamdepth.engine.export import export_model
from streamdepth.models import registry
from streamdepth.models.networks.midas_small import MidasSmall
from streamdepth.models.networks.nano import build_nano
from streamdepth.models.networks.nano_files import NanoCard, write_weights
from streamdepth.models.weights import store as weights

UNREACHABLE = "http://127.0.0.1:9/model-small-70d6b9c8.pt"


def write_red(path):
    """An ONNX file whose depth is the red channel, made without torch."""
    kernel = numpy_helper.from_array(np.array([1, 0, 0], np.float32).reshape(1, 3, 1, 1), "kernel")
    axes = numpy_helper.from_array(np.array([1], np.int64), "axes")
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["red"]),
        helper.make_node("Squeeze", ["red", "axes"], ["depth"]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, "h", "w"])
    depth = helper.make_tensor_value_info("depth", TensorProto.FLOAT, ["n", "h", "w"])
    graph = helper.make_graph(nodes, "red", [image], [depth], [kernel, axes])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)


@pytest.fixture(scope="module")
def midas(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "midas.pt"
    torch.manual_seed(4)
    network = MidasSmall()
    torch.nn.init.constant_(network.scratch["output_conv"][4].bias, 5.0)  # away from the last ReLU
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    """A folder of bundled weights with a stand-in for nano."""
    folder = tmp_path / "data"
    folder.mkdir()
    save_file({"w": np.zeros(1, np.float32)}, folder / "nano.safetensors", {"format": "streamdepth-nano-1"})
    write_red(folder / "nano.onnx")
    monkeypatch.setattr(weights, "DATA", folder)
    return folder


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    card = replace(registry.MIDAS_SMALL, urls=(UNREACHABLE,))
    monkeypatch.setitem(registry._CARDS, "midas-small", card)


@pytest.fixture
def picture():
    return np.random.default_rng(6).integers(0, 256, (48, 96, 3), np.uint8)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """A cache folder of the test's own where it names none: nothing is remembered from other tests or the user."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights of nano, exported to every format."""
    folder = tmp_path_factory.mktemp("network")
    torch.manual_seed(8)
    write_weights(build_nano(), NanoCard(views=0, date="2025-01-01"), folder / "mine.safetensors")
    for name in ("net.onnx", "net.pt", "net.xml"):
        export_model(str(folder / "mine.safetensors"), folder / name)
    return folder
