"""ONNX Runtime."""

import pytest

from streamdepth.engine.runtimes.onnxruntime import OnnxRuntime
from streamdepth.errors import ModelError


@pytest.mark.parametrize("content", [None, b"", b"not a network"])
def test_a_damaged_onnx_file_is_a_model_error_of_one_line(content, tmp_path):
    path = tmp_path / "net.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"ONNX Runtime cannot load .*net\.onnx") as caught:
        OnnxRuntime(path)
    assert "\n" not in str(caught.value)
