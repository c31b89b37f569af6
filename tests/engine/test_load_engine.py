import subprocess
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from engine_loading import load_engine
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

from streamdepth.engine import backend
from streamdepth.engine.runtimes import openvino as on_openvino
from streamdepth.errors import ModelError, UsageError, WeightsError
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


def test_a_damaged_conversion_is_noticed_and_made_again(bundled, tmp_path, picture):
    path = tmp_path / "mine.safetensors"
    write_weights(build_nano(), NanoCard(views=0, date="2025-01-01"), path)
    plain = {"runtime": "openvino", "precision": "fp32", "size": 96, "cache_dir": tmp_path}
    expected = load_engine(path, **plain).estimate(picture).values
    (converted,) = (tmp_path / "converted").glob("*.onnx")
    content = bytearray(converted.read_bytes())
    content[len(content) // 2] ^= 0x40  # in the middle of the weights: every runtime would take it
    converted.write_bytes(content)
    told = []
    engine = load_engine(path, **plain, notify=told.append)
    assert told == ["converting nano to ONNX, once for these weights"]
    np.testing.assert_allclose(engine.estimate(picture).values, expected, rtol=1e-4, atol=1e-5)


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


def test_bf16_on_a_processor_without_it_is_told_before_anything_is_converted(midas, tmp_path, monkeypatch):
    monkeypatch.setattr(on_openvino, "has_bf16", lambda: False)
    with pytest.raises(
        UsageError, match=r"processor does not compute in bf16 \(use --precision fp32 or auto\)"
    ):
        load_engine(midas, precision="bf16", cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


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


def test_auto_is_nano_where_midas_small_cannot_be_fetched_and_says_so_in_one_calm_line(
    bundled, offline, tmp_path
):
    told = []
    engine = load_engine(
        runtime="openvino", precision="fp32", cache_dir=tmp_path / "cache", notify=told.append
    )
    assert engine.name == "nano"
    load_engine(runtime="openvino", precision="fp32", cache_dir=tmp_path / "cache", notify=told.append)
    assert told == ["model: nano (bundled)"] * 2


def test_auto_says_what_is_wrong_with_this_machine_where_that_is_why_it_is_nano(bundled, tmp_path):
    (tmp_path / "file").write_text("")
    told = []
    load_engine(
        runtime="openvino", precision="fp32", cache_dir=tmp_path / "file" / "cache", notify=told.append
    )
    assert told[0].startswith("model: nano (bundled); the cache folder ")
    assert told[0].endswith("(choose another cache folder)")


def test_auto_is_midas_small_where_it_is_cached(bundled, offline, midas, cache, tmp_path):
    (cache / "model-small-70d6b9c8.pt").write_bytes(midas.read_bytes())
    told = []
    engine = load_engine(size=96, cache_dir=cache, notify=told.append)
    assert engine.name == "midas-small"
    assert told[0] == "model: midas-small"


def test_midas_small_by_name_never_becomes_another_model(bundled, offline, tmp_path):
    for _ in range(2):  # the second time, too: whoever names it wants it tried
        with pytest.raises(WeightsError, match=r"midas-small could not be fetched: .*refused \(") as caught:
            load_engine("midas-small", cache_dir=tmp_path)
        assert "ago" not in str(caught.value)


def test_missing_bundled_weights_are_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "DATA", tmp_path)
    with pytest.raises(ModelError, match=r"weights of nano are not in this installation"):
        load_engine("nano")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"model": "midas"}, "no model 'midas'.*auto, midas-small, nano"),
        (
            {"runtime": "tensorrt"},
            r"no engine 'tensorrt' \(there are auto, torch, torchscript, onnxruntime, openvino\)",
        ),
        ({"precision": "fp8"}, r"no precision 'fp8' \(there are auto, fp32, bf16, int8\)"),
        (
            {"runtime": "torch", "precision": "bf16"},
            r"torch does not compute in bf16 \(use --engine openvino, or --precision auto\)",
        ),
        ({"threads": 0}, "0 threads"),
        ({"size": 16}, "input of 16 pixels is too small"),
    ],
)
def test_a_value_that_does_not_exist_is_answered_with_those_that_do(wrong, message):
    with pytest.raises(UsageError, match=message):
        load_engine(**{"model": "nano", **wrong})


@pytest.mark.parametrize("model", ["gone.pt", "folder/gone", "./midas-small", "gone.onnx", "gone.xml"])
def test_a_missing_file_is_a_missing_file_and_no_unknown_name(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsError, match=r"weights file|gone\.\w+ cannot be read: No such file"):
        load_engine(model)


def test_a_file_of_another_model_than_the_one_named_is_refused(midas):
    with pytest.raises(
        WeightsError, match=r"holds weights of midas-small, not of nano \(use --model midas-small\)"
    ):
        load_engine("nano", weights=midas)


@pytest.mark.parametrize("runtime", ["torch", "torchscript", "onnxruntime", "openvino"])
def test_a_file_with_other_keys_is_refused_in_every_runtime(runtime, tmp_path):
    path = tmp_path / "other.pt"
    torch.save({"weight": torch.zeros(3)}, path)
    with pytest.raises(WeightsError, match=r"other\.pt does not hold the weights of midas-small"):
        load_engine(path, runtime=runtime, cache_dir=tmp_path)
    left = [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".lock"]
    assert left == [path]
