"""A small network in every format, and loaders of it."""

import pytest
import torch

from streamdepth.engine.runtimes.onnxruntime import OnnxRuntime
from streamdepth.engine.runtimes.openvino import OpenVinoRuntime
from streamdepth.engine.runtimes.torch import TorchRuntime
from streamdepth.engine.runtimes.torchscript import TorchScriptRuntime
from streamdepth.models.export.write import write_onnx, write_openvino, write_torchscript


class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.conv = torch.nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, image):
        return self.conv(image).squeeze(1)


@pytest.fixture(scope="session")
def small():
    """The small network as the files hold it."""
    return Small().eval()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The small network in every format."""
    folder = tmp_path_factory.mktemp("network")
    write_onnx(Small(), folder / "small.onnx")
    write_torchscript(Small(), folder / "small.pt")
    write_openvino(Small(), folder / "small.xml")
    return folder


@pytest.fixture(scope="module")
def onnx(files):
    return files / "small.onnx"


@pytest.fixture
def load(files):
    """Loads the small network into the runtime of that name."""
    makers = {
        "torch": lambda **more: TorchRuntime(Small(), **more),
        "torchscript": lambda **more: TorchScriptRuntime(files / "small.pt", **more),
        "onnxruntime": lambda **more: OnnxRuntime(files / "small.onnx", **more),
        "openvino": lambda **more: OpenVinoRuntime(files / "small.onnx", **more),
    }
    return lambda name, **more: makers[name](**more)
