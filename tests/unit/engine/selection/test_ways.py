"""What could run a network file here."""

import pytest
from engine_loading import load_engine
from places import REPOSITORY

from streamdepth import machine
from streamdepth.engine.backend import Backend
from streamdepth.engine.selection import ways
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


@pytest.mark.parametrize("missing", ["nncf", "onnx"])
def test_what_makes_int8_is_asked_for_where_it_is_missing(missing, monkeypatch, tmp_path):
    runtime = {"nncf": "openvino", "onnx": "onnxruntime"}[missing]
    monkeypatch.setattr(machine, "has_int8", lambda: True)
    monkeypatch.setattr(Backend, "builds_int8", False)
    monkeypatch.setattr(ways, "is_installed", lambda package: package != missing)
    with pytest.raises(UsageError, match=rf"^nothing here runs .* in int8 \(pip install {missing}\)$"):
        load_engine("nano", runtime=runtime, precision="int8", cache_dir=tmp_path)


def test_a_runtime_that_is_named_and_missing_is_said_by_its_name(monkeypatch):
    monkeypatch.setattr(Backend, "is_installed", property(lambda backend: backend.name != "openvino"))
    with pytest.raises(UsageError, match=r"^openvino is not installed here \(pip install openvino\)$"):
        load_engine(REPOSITORY / "streamdepth" / "models" / "data" / "nano.onnx", runtime="openvino")
