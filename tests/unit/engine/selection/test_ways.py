"""What could run a network file here."""

import pytest
from engine_loading import load_engine

from streamdepth.errors import UsageError


def test_a_runtime_that_cannot_run_the_file_is_wrong_usage(folder):
    with pytest.raises(
        UsageError, match=r"torch does not run net\.onnx \(use --engine openvino or onnxruntime"
    ):
        load_engine(folder / "net.onnx", runtime="torch")
    with pytest.raises(UsageError, match=r"openvino does not run net\.pt \(use --engine torchscript"):
        load_engine(folder / "net.pt", runtime="openvino")


def test_a_precision_that_nothing_offers_for_the_file_is_wrong_usage(folder):
    with pytest.raises(UsageError, match=r"nothing here runs net\.pt in bf16 \(use --precision auto"):
        load_engine(folder / "net.pt", precision="bf16")
