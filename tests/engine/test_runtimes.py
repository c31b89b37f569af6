import numpy as np
import pytest
import torch

from streamdepth.engine.on_onnxruntime import OnnxRuntime
from streamdepth.engine.on_torch import TorchRuntime
from streamdepth.errors import ModelError, UsageError
from streamdepth.models.export import write_onnx


class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.conv = torch.nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, image):
        return self.conv(image).squeeze(1)


class Threads(torch.nn.Module):
    def forward(self, image):
        return image[:, 0] * 0 + torch.get_num_threads()


class Failing(torch.nn.Module):
    def forward(self, image):
        raise RuntimeError("out of memory")


@pytest.fixture(scope="module")
def onnx(tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "small.onnx"
    write_onnx(Small(), path)
    return path


@pytest.fixture(params=["torch", "onnxruntime"])
def runtime(request, onnx):
    return TorchRuntime(Small()) if request.param == "torch" else OnnxRuntime(onnx)


def batch(*shape):
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def test_each_runtime_gives_what_the_network_gives(runtime):
    for shape in ((1, 3, 32, 64), (3, 3, 64, 32)):
        image = batch(*shape)
        depth = runtime.infer(image)
        assert depth.dtype == np.float32
        assert depth.flags.c_contiguous
        with torch.inference_mode():
            expected = Small()(torch.from_numpy(image)).numpy()
        np.testing.assert_allclose(depth, expected, atol=1e-5)


def test_each_runtime_leaves_its_input_alone_and_gives_away_its_output(runtime):
    image = batch(1, 3, 32, 32)
    before = image.copy()
    first = runtime.infer(image)
    kept = first.copy()
    runtime.infer(image * 2)
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(first, kept)


def test_each_runtime_refuses_a_batch_of_a_wrong_size(runtime):
    with pytest.raises(UsageError, match="multiples of 32"):
        runtime.infer(batch(1, 3, 32, 33))


def test_each_runtime_says_what_it_is(onnx):
    assert (TorchRuntime(Small()).name, OnnxRuntime(onnx).name) == ("torch", "onnxruntime")
    assert TorchRuntime(Small()).precision == OnnxRuntime(onnx).precision == "fp32"


def test_one_thread_gives_what_many_give(onnx):
    image = batch(1, 3, 64, 64)
    expected = OnnxRuntime(onnx).infer(image)
    for runtime in (OnnxRuntime(onnx, threads=1), TorchRuntime(Small(), threads=1)):
        np.testing.assert_allclose(runtime.infer(image), expected, atol=1e-5)


def test_the_number_of_threads_holds_for_inference_and_for_nothing_else():
    before = torch.get_num_threads()
    other = before + 1
    assert TorchRuntime(Threads(), threads=other).infer(batch(1, 3, 32, 32)).max() == other
    assert torch.get_num_threads() == before


def test_a_failure_of_torch_is_a_model_error_and_the_threads_are_given_back():
    before = torch.get_num_threads()
    with pytest.raises(ModelError, match="PyTorch cannot run the network: out of memory"):
        TorchRuntime(Failing(), threads=before + 1).infer(batch(1, 3, 32, 32))
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("content", [None, b"", b"not a network"])
def test_a_damaged_onnx_file_is_a_model_error_of_one_line(content, tmp_path):
    path = tmp_path / "net.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"ONNX Runtime cannot load .*net\.onnx") as caught:
        OnnxRuntime(path)
    assert "\n" not in str(caught.value)


def test_an_onnx_file_with_other_names_fails_as_a_model_error(tmp_path, monkeypatch):
    monkeypatch.setattr("streamdepth.models.export.OUTPUT", "other")
    write_onnx(Small(), tmp_path / "net.onnx")
    with pytest.raises(ModelError, match="ONNX Runtime cannot run the network"):
        OnnxRuntime(tmp_path / "net.onnx").infer(batch(1, 3, 32, 32))
