"""Values that do not exist, or that cannot be had here."""

import pytest
from engine_loading import load_engine

from streamdepth.errors import UsageError


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
