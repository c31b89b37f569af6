"""The files that backends open, made of weights."""

import numpy as np
import pytest
import torch
from engine_loading import load_engine

from streamdepth.engine.runtimes import openvino as on_openvino
from streamdepth.errors import UsageError, WeightsError
from streamdepth.models.networks.nano import build_nano
from streamdepth.models.networks.nano_files import NanoCard, write_weights


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


def test_bf16_on_a_processor_without_it_is_told_before_anything_is_converted(midas, tmp_path, monkeypatch):
    monkeypatch.setattr(on_openvino, "has_bf16", lambda: False)
    with pytest.raises(
        UsageError, match=r"processor does not compute in bf16 \(use --precision fp32 or auto\)"
    ):
        load_engine(midas, precision="bf16", cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("runtime", ["torch", "torchscript", "onnxruntime", "openvino"])
def test_a_file_with_other_keys_is_refused_in_every_runtime(runtime, tmp_path):
    path = tmp_path / "other.pt"
    torch.save({"weight": torch.zeros(3)}, path)
    with pytest.raises(WeightsError, match=r"other\.pt does not hold the weights of midas-small"):
        load_engine(path, runtime=runtime, cache_dir=tmp_path)
    left = [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".lock"]
    assert left == [path]
