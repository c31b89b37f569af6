import subprocess
import sys

import numpy as np
import torch
from engine_loading import load_engine

from streamdepth.engine import backend
from streamdepth.engine.runtimes import openvino as on_openvino
from streamdepth.errors import ModelError
from streamdepth.models.networks.nano import build_nano
from streamdepth.models.networks.nano_files import NanoCard, write_weights
from streamdepth.models.weights import store as weights


def test_midas_small_from_a_file_gives_the_same_in_both_runtimes(midas, cache, picture):
    told = []
    on_torch = load_engine(str(midas), runtime="torch", size=96)
    on_onnx = load_engine(
        "midas-small",
        weights=midas,
        runtime="openvino",
        precision="fp32",
        size=96,
        cache_dir=cache,
        notify=told.append,
    )
    assert [e.runtime_name for e in (on_torch, on_onnx)] == ["torch", "openvino"]
    assert {e.name for e in (on_torch, on_onnx)} == {"midas-small"}
    assert on_torch.sha256 == on_onnx.sha256 == weights.file_sha256(midas)
    assert told == ["converting midas-small to ONNX, once for these weights"]
    depth = on_torch.estimate(picture).values
    assert depth.shape == (64, 96)
    np.testing.assert_allclose(on_onnx.estimate(picture).values, depth, rtol=1e-3, atol=1e-3)


RUN = """
import sys
import numpy as np
from pathlib import Path
from streamdepth.engine import EngineOptions, load_engine
from streamdepth.models.weights import store
store.DATA = Path(sys.argv[2])
engine = load_engine(EngineOptions(sys.argv[1], size=96, cache_dir=Path(sys.argv[2])))
engine.estimate(np.zeros((48, 96, 3), np.uint8))
runtimes = {"openvino", "onnxruntime"} - {engine.runtime_name}
others = {"torch", "torchvision", "timm", "onnx", "onnxscript", "openvino_telemetry", "nncf"}
heavy = (others | runtimes) & set(sys.modules)
assert not heavy, heavy
"""


def run_alone(model, folder):
    return subprocess.run([sys.executable, "-c", RUN, model, folder], capture_output=True, timeout=100)


def test_a_converted_and_measured_model_runs_with_the_chosen_runtime_alone(midas, cache):
    load_engine(midas, size=96, cache_dir=cache)
    done = run_alone(midas, cache)
    assert done.returncode == 0, done.stderr.decode()


def test_nano_runs_with_the_chosen_runtime_alone(bundled):
    load_engine("nano", size=96, cache_dir=bundled)
    done = run_alone("nano", bundled)
    assert done.returncode == 0, done.stderr.decode()


def test_auto_takes_onnx_runtime_where_openvino_is_not_installed(bundled, monkeypatch):
    monkeypatch.setattr(backend, "find_spec", lambda name: None if name == "openvino" else name)
    assert load_engine("nano").runtime_name == "onnxruntime"


def test_auto_leaves_out_an_openvino_that_cannot_be_imported_and_says_so(bundled, tmp_path, monkeypatch):
    def broken():
        raise ModelError("OpenVINO cannot be imported: no libtbb", "pip install openvino")

    monkeypatch.setattr(on_openvino, "openvino_core", broken)
    told = []
    engine = load_engine("nano", size=96, cache_dir=tmp_path, notify=told.append)
    assert engine.runtime_name == "onnxruntime"
    assert told[0] == "openvino fp32 is left out: OpenVINO cannot be imported: no libtbb"


def test_a_nano_file_of_the_users_own_gives_the_same_in_both_runtimes(tmp_path, picture):
    path = tmp_path / "mine.safetensors"
    torch.manual_seed(8)
    write_weights(build_nano(), NanoCard(views=0, date="2025-01-01"), path)
    on_torch, on_onnx = (
        load_engine(path, size=96, runtime=runtime, cache_dir=tmp_path)
        for runtime in ("torch", "onnxruntime")
    )
    assert on_torch.name == on_onnx.name == "nano"
    depth = on_torch.estimate(picture).values
    assert depth.std() > 1e-3
    np.testing.assert_allclose(on_onnx.estimate(picture).values, depth, rtol=1e-3, atol=1e-3)


def test_nano_is_loaded_from_the_package(bundled, picture):
    engine = load_engine("nano", size=96, runtime="openvino", precision="fp32")
    assert (engine.name, engine.runtime_name, engine.precision) == ("nano", "openvino", "fp32")
    assert engine.sha256 == weights.file_sha256(bundled / "nano.safetensors")
    assert engine.estimate(picture).values.shape == (64, 96)
