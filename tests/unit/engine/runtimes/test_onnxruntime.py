"""ONNX Runtime."""

import numpy as np
import pytest

from streamdepth.engine.runtimes import onnxruntime as on_onnxruntime
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
    for lane in lanes:
        np.testing.assert_allclose(lane.infer(image), expected, atol=1e-4)
    assert [len(each._sessions) for each in (runtime, *lanes)] == [0, 1, 1]
    assert lanes[0]._sessions is lanes[1]._sessions
    np.testing.assert_allclose(runtime.infer(image), expected, atol=1e-4)
    assert len(runtime._sessions) == 1


def test_the_first_size_has_a_session_for_itself_and_all_others_share_one(load, monkeypatch):
    runtime, made = load("onnxruntime"), []
    make = on_onnxruntime._session
    monkeypatch.setattr(
        on_onnxruntime, "_session", lambda *given, **how: made.append(given[2]) or make(*given, **how)
    )
    for width in (32, 64, 32, 96, 32, 64):
        image = np.random.default_rng(width).random((1, 3, 32, width), np.float32)
        assert runtime.infer(image).shape == (1, 32, width)
    assert [sizes.get("width") for sizes in made] == [32, None]


def test_what_starts_over_gives_the_next_size_a_session_for_itself_as_if_it_were_the_first(load):
    runtime = load("onnxruntime")
    images = {width: np.random.default_rng(width).random((1, 3, 32, width), np.float32) for width in (32, 64)}
    for width, image in images.items():
        runtime.start_over()
        given = runtime.infer(image)
        assert set(runtime._sessions) == {image.shape}
        assert np.array_equal(given, load("onnxruntime").infer(images[width]))
    kept = runtime._sessions[images[64].shape]
    runtime.start_over()
    runtime.infer(images[64])
    assert runtime._sessions == {images[64].shape: kept}


def test_a_name_that_stands_for_two_sizes_stays_free():
    assert on_onnxruntime._fixed(["n", 3, "side", "side"], (1, 3, 64, 64)) == {"n": 1, "side": 64}
    assert on_onnxruntime._fixed(["n", 3, "side", "side"], (1, 3, 64, 96)) == {"n": 1}
    assert on_onnxruntime._fixed([None, 3, 64, None], (1, 3, 64, 96)) == {}
