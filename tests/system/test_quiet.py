"""Nothing calls home: every command in a network that counts, with an empty home folder that is looked at after it."""

from __future__ import annotations

import os
import sys

import cv2
import numpy as np
import pytest
from places import REPOSITORY
from watched_network import missing, watch

from streamdepth.quiet import import_quietly, proxies_beside_rays, ray_quietly

NANO = ("--model", "nano", "--size", "64")
RUN = ("--input", "demo", "--frames", "2", "--output", "depth.mp4", *NANO)
COMMANDS = {
    "help": ("--help",),
    "a run on OpenVINO": (*RUN, "--engine", "openvino", "--precision", "fp32"),
    "a run on ONNX Runtime": (*RUN, "--engine", "onnxruntime", "--precision", "fp32"),
    "a run in browsers": ("--input", "demo", "--webrtc", "--port", "0", "--duration", "1", *NANO),
    "doctor, which runs all four runtimes": ("doctor",),
    "bench": ("bench", *NANO, "--engine", "onnxruntime", "--seconds", "0.01", "--rounds", "1"),
    "models list": ("models", "list"),
    "models export": ("models", "export", "nano", "--output", "nano.xml"),
    "evaluate": ("evaluate", "pictures", *NANO),
    "train": ("train", "pictures", "--size", "64x64", "--batch", "2", "--steps", "2", "--device", "cpu"),
}
QUANTISE = """
import numpy as np, onnx
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
from streamdepth.engine.int8.onnx import OnnxInt8
from streamdepth.engine.int8.openvino import OpenVinoInt8
weights = onnx.numpy_helper.from_array(np.ones((4, 3, 3, 3), np.float32), "weights")
node = make_node("Conv", ["image", "weights"], ["depth"], pads=[1, 1, 1, 1], name="one")
ends = [make_tensor_value_info("image", 1, [1, 3, 32, 32]), make_tensor_value_info("depth", 1, [1, 4, 32, 32])]
graph = make_graph([node], "small", ends[:1], ends[1:], [weights])
onnx.save(make_model(graph, opset_imports=[make_opsetid("", 18)], ir_version=9), "small.onnx")
frames = [np.zeros((1, 3, 32, 32), np.float32)]
for quantiser in (OpenVinoInt8, OnnxInt8):
    assert quantiser("small.onnx", frames, frames).layers
"""
INTERFACE = """
import os
import streamdepth
for runtime in ("onnxruntime", "openvino"):
    assert streamdepth.load_engine("nano", engine=runtime, precision="fp32").runtime_name == runtime
import onnxruntime, openvino
assert "ORT_DISABLE_TELEMETRY" not in os.environ
"""
PYTHON = {"the Python interface": INTERFACE, "quantising": QUANTISE}
ALL = {
    **{name: ("-m", "streamdepth", *words) for name, words in COMMANDS.items()},
    **{name: ("-c", code) for name, code in PYTHON.items()},
}
needs_network = pytest.mark.skipif(bool(missing()), reason=missing() or "can be made")


@pytest.fixture
def folder(tmp_path):
    """A working folder with four pictures and their depth."""
    pictures = tmp_path / "work" / "pictures"
    pictures.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for index in range(4):
        level = np.kron(rng.random((4, 4)), np.ones((16, 16)))
        cv2.imwrite(
            str(pictures / f"{index}.png"), np.repeat((level * 255).astype(np.uint8)[:, :, None], 3, 2)
        )
        cv2.imwrite(str(pictures / f"{index}_depth.png"), (1000 / (0.2 + level)).astype(np.uint16))
    return tmp_path / "work"


@needs_network
@pytest.mark.timeout(300)
@pytest.mark.parametrize("words", ALL.values(), ids=ALL)
def test_no_command_asks_for_a_name_or_leaves_a_file_that_is_not_of_streamdepth(words, folder):
    if words == ALL["quantising"]:
        pytest.importorskip("nncf")
    seen = watch([sys.executable, *words], folder, PYTHONPATH=str(REPOSITORY), OMP_NUM_THREADS="1")
    foreign = [name for name in seen.files if not name.startswith(".cache/streamdepth/")]
    assert (seen.status, seen.asked, seen.sent, foreign) == (0, [], 0, []), seen.said


CALLS = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'me', ('203.0.113.9', 9))"
ASKS = "import contextlib, socket\nwith contextlib.suppress(OSError): socket.getaddrinfo('home.example', 80)"
WRITES = "import pathlib; (pathlib.Path.home() / 'identity').write_text('me')"


@needs_network
@pytest.mark.parametrize(
    ("code", "expected"),
    [(CALLS, (set(), 1, [])), (ASKS, ({"home.example"}, 0, [])), (WRITES, (set(), 0, ["identity"]))],
)
def test_the_network_and_the_folder_notice(code, expected, folder):
    seen = watch([sys.executable, "-c", code], folder)
    assert (set(seen.asked), seen.sent, seen.files) == expected


@pytest.mark.parametrize("before", [None, "0"])
def test_the_environment_is_as_before_also_where_a_package_is_missing(before, monkeypatch):
    if before is None:
        monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    else:
        monkeypatch.setenv("ORT_DISABLE_TELEMETRY", before)
    kept = dict(os.environ)
    with pytest.raises(ImportError):
        import_quietly("no_such_package_of_anybody")
    assert import_quietly("json").dumps(1) == "1"
    assert dict(os.environ) == kept


def test_what_one_thread_leaves_out_is_left_out_until_it_has_imported(tmp_path, monkeypatch):
    """One import in the middle of another: where they do not wait for each other, the first gets what reports."""
    (tmp_path / "looks_for_it.py").write_text(
        "import sys, threading\n"
        "other = threading.Thread(target=sys.import_beside, daemon=True)\n"
        "other.start()\n"
        "other.join(0.3)\n"
        "is_left_out = sys.modules.get('openvino_telemetry', 0) is None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "import_beside", lambda: import_quietly("json"), raising=False)
    package = import_quietly("looks_for_it")
    package.other.join(10)
    assert not package.other.is_alive()
    assert package.is_left_out


def test_a_proxy_that_is_there_for_ray_alone_is_not_for_us(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    assert proxies_beside_rays() is None
    with ray_quietly(is_local=True):
        assert proxies_beside_rays() == {"https": "http://proxy.example:3128"}


def test_what_only_reports_is_missing_for_the_packages_and_back_for_the_host(monkeypatch, tmp_path):
    (tmp_path / "asks_for_it.py").write_text(
        "import os\nswitch = os.environ['ORT_DISABLE_TELEMETRY']\n"
        "try:\n    import openvino_telemetry as found\nexcept ImportError:\n    found = None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    host = type(sys)("openvino_telemetry")
    monkeypatch.setitem(sys.modules, "openvino_telemetry", host)
    package = import_quietly("asks_for_it")
    assert (package.found, package.switch) == (None, "1")
    assert sys.modules["openvino_telemetry"] is host
