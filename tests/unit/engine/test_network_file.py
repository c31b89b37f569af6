"""`--model FILE` with a file that holds a whole network: what was exported, and what others made."""

import numpy as np
import onnx
import pytest
import torch
from engine_loading import load_engine
from onnx import TensorProto, helper, numpy_helper

from streamdepth.errors import ModelError, UsageError, WeightsError
from streamdepth.models.export.write import make_metadata, write_onnx, write_torchscript
from streamdepth.models.meaning import MEANINGS
from streamdepth.models.registry import MIDAS_SMALL
from streamdepth.models.weights import store as weights

FILES = {
    "net.onnx": ("openvino", "onnxruntime"),
    "net.xml": ("openvino",),
    "net.pt": ("torchscript",),
}
NOT_MEASURED = {"runtime": "onnxruntime", "precision": "fp32"}
"""For what does not ask which runtime is the fastest."""


@pytest.fixture
def picture():
    return np.random.default_rng(6).integers(0, 256, (48, 96, 3), np.uint8)


@pytest.mark.parametrize(("name", "runtime"), [(n, r) for n, runtimes in FILES.items() for r in runtimes])
def test_an_exported_file_gives_what_its_weights_give_at_any_size(name, runtime, folder, picture):
    weights_engine = load_engine(folder / "mine.safetensors", runtime="torch", size=96)
    engine = load_engine(folder / name, runtime=runtime, precision="fp32", size=96)
    assert (engine.name, engine.runtime_name) == ("nano", runtime)
    for image in (picture, np.ascontiguousarray(picture.transpose(1, 0, 2)), picture[:, :48]):
        expected = weights_engine.estimate(image).values
        values = engine.estimate(image).values
        assert values.shape == expected.shape
        np.testing.assert_allclose(values, expected, atol=1e-3 * abs(expected).max())


@pytest.mark.parametrize("name", FILES)
def test_auto_takes_a_runtime_that_runs_the_file_and_the_report_gets_its_hash(name, folder):
    engine = load_engine(folder / name)
    data = folder / ("net.bin" if name == "net.xml" else name)
    assert engine.runtime_name in FILES[name]
    assert engine.sha256 == weights.file_sha256(data)


def test_a_file_of_another_model_than_the_one_named_is_refused(folder):
    with pytest.raises(WeightsError, match=r"holds weights of nano, not of midas-small"):
        load_engine("midas-small", weights=folder / "net.onnx")
    assert load_engine("nano", weights=folder / "net.onnx", **NOT_MEASURED).name == "nano"


class First(torch.nn.Module):
    """Depth is the first channel, made by a convolution of the given patch size, as a vision transformer begins."""

    def __init__(self, patch):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 1, patch, stride=patch, bias=False)
        torch.nn.init.zeros_(self.conv.weight)
        self.conv.weight.data[0, 0] = 1 / patch**2
        self.patch = patch

    def forward(self, image):
        return torch.nn.functional.interpolate(
            self.conv(image), scale_factor=float(self.patch), mode="nearest"
        )


RUNTIMES = ("onnxruntime", "openvino")


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(("patch", "shape"), [(14, (126, 252)), (16, (128, 256)), (1, (128, 256))])
def test_a_network_of_others_gets_sizes_in_its_own_steps(patch, shape, runtime, tmp_path):
    write_onnx(First(patch), tmp_path / "theirs.onnx")
    engine = load_engine(tmp_path / "theirs.onnx", runtime=runtime, precision="fp32")
    assert engine.name == "theirs"
    depth = engine.estimate(np.full((90, 180, 3), (1, 2, 255), np.uint8)).values
    assert depth.shape == shape
    np.testing.assert_allclose(depth, (1 - 0.485) / 0.229, rtol=1e-4)  # red, on ImageNet's scale


def write_fixed(path, *, image=(1, 3, 70, 140), depth=(1, 1, 70, 140), kind=TensorProto.FLOAT, extra=()):
    """An ONNX file of fixed sizes whose depth is the red channel, made without torch."""
    kernel = numpy_helper.from_array(np.array([1, 0, 0], np.float32).reshape(1, 3, 1, 1), "kernel")
    nodes = [helper.make_node("Conv", ["x", "kernel"], ["y"])]
    inputs = [helper.make_tensor_value_info(name, kind, image) for name in ("x", *extra)]
    outputs = [helper.make_tensor_value_info("y", kind, depth)]
    graph = helper.make_graph(nodes, "red", inputs, outputs, [kernel])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_fixed_input_size_is_respected_whatever_the_picture_and_the_size_asked_for(runtime, tmp_path):
    write_fixed(tmp_path / "fixed.onnx")
    engine = load_engine(tmp_path / "fixed.onnx", runtime=runtime, size=512)
    assert engine.input_size(480, 640) == (140, 70)
    for shape in ((48, 96, 3), (200, 100, 3)):
        assert engine.estimate(np.zeros(shape, np.uint8)).values.shape == (70, 140)
    with pytest.raises(UsageError, match="H = 70, W = 140"):
        engine.runtime.infer(np.zeros((1, 3, 64, 64), np.float32))


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"extra": ("z",)}, r"it takes x float32 \(1, 3, 70, 140\), z float32 \(1, 3, 70, 140\) and gives"),
        ({"image": (2, 3, 70, 140), "depth": (2, 1, 70, 140)}, r"float32 \(2, 3, 70, 140\)"),
    ],
)
def test_a_network_of_another_kind_is_refused_and_told_apart(runtime, wrong, message, tmp_path):
    write_fixed(tmp_path / "other.onnx", **wrong)
    with pytest.raises(ModelError, match=rf"other\.onnx is not a network from one picture.*{message}"):
        load_engine(tmp_path / "other.onnx", runtime=runtime)


def test_a_torchscript_file_of_others_is_refused(tmp_path):
    write_torchscript(First(1), tmp_path / "net.pt")
    with pytest.raises(WeightsError, match=r"not exported by streamdepth.*or give an ONNX file"):
        load_engine(tmp_path / "net.pt")


def test_warming_up_runs_the_size_that_pictures_will_have(folder, monkeypatch):
    engine = load_engine(folder / "net.onnx", runtime="onnxruntime")
    seen = []
    monkeypatch.setattr(engine.runtime, "infer", lambda batch: seen.append(batch.shape))
    engine.warm_up(1280, 720)
    assert seen == [(1, 3, 128, 256)]


def test_the_label_decides_how_a_picture_is_prepared(tmp_path):
    card = make_metadata(MIDAS_SMALL, "ab" * 32)
    write_onnx(First(1), tmp_path / "net.onnx", card)
    engine = load_engine(tmp_path / "net.onnx", **NOT_MEASURED)
    assert (engine.name, engine.card.resampling) == ("midas-small", MIDAS_SMALL.resampling)


@pytest.mark.parametrize(("name", "red"), [("half", 1.0), ("none", 1.0), ("0.2,0,0,0.4,1,1", 2.0)])
def test_a_network_of_others_gets_the_normalisation_that_is_named(name, red, tmp_path):
    write_onnx(First(1), tmp_path / "theirs.onnx")
    engine = load_engine(tmp_path / "theirs.onnx", runtime="onnxruntime", normalisation=name)
    depth = engine.estimate(np.full((64, 64, 3), 255, np.uint8)).values
    np.testing.assert_allclose(depth, red, rtol=1e-4)


@pytest.mark.parametrize("model", ["mine.safetensors", "net.onnx", "net.pt"])
def test_a_network_that_says_its_normalisation_itself_takes_no_other(model, folder):
    with pytest.raises(UsageError, match=r"the normalisation of .* is fixed"):
        load_engine(folder / model, precision="fp32", normalisation="half")


@pytest.mark.parametrize(("word", "meaning"), MEANINGS.items())
def test_what_a_network_of_others_gives_is_what_is_said(word, meaning, tmp_path):
    write_onnx(First(16), tmp_path / "theirs.onnx")
    engine = load_engine(tmp_path / "theirs.onnx", runtime="onnxruntime", depth_kind=word)
    assert engine.estimate(np.zeros((64, 64, 3), np.uint8)).meaning is meaning


@pytest.mark.parametrize("model", ["net.onnx", "mine.safetensors"])
def test_a_network_whose_meaning_is_known_takes_no_other(model, folder):
    with pytest.raises(UsageError, match="--depth-kind only for third-party networks"):
        load_engine(folder / model, precision="fp32", depth_kind="metres")
