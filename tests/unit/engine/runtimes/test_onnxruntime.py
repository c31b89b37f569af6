"""ONNX Runtime."""

import numpy as np
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


def test_who_has_lanes_holds_the_network_once_and_gives_depth_all_the_same(load):
    runtime = load("onnxruntime", threads=2)
    image = np.random.default_rng(0).random((1, 3, 32, 64), np.float32)
    expected = runtime.infer(image)
    lanes = runtime.lanes()
    assert [lane._session is None for lane in (runtime, *lanes)] == [True, False, False]
    np.testing.assert_allclose(runtime.infer(image), expected, atol=1e-4)
    assert runtime._session is not None
