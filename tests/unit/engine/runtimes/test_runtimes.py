from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from streamdepth.engine.runtime import MOST_LANES
from streamdepth.engine.runtimes.onnxruntime import OnnxRuntime
from streamdepth.engine.runtimes.openvino import OpenVinoRuntime
from streamdepth.engine.runtimes.torchscript import TorchScriptRuntime
from streamdepth.errors import ModelError, UsageError
from streamdepth.models.export.write import write_onnx

NAMES = ("torch", "torchscript", "onnxruntime", "openvino")


@pytest.fixture(params=NAMES)
def runtime(request, load):
    return load(request.param)


def batch(*shape):
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def test_each_runtime_gives_what_the_network_gives(runtime, small):
    for shape in ((1, 3, 32, 64), (3, 3, 64, 32)):
        image = batch(*shape)
        depth = runtime.infer(image)
        assert depth.dtype == np.float32
        assert depth.flags.c_contiguous
        with torch.inference_mode():
            expected = small(torch.from_numpy(image)).numpy()
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
    with pytest.raises(UsageError, match="W a multiple of 32"):
        runtime.infer(batch(1, 3, 32, 33))


@pytest.mark.parametrize("name", NAMES)
def test_each_runtime_says_what_it_is(name, load):
    runtime = load(name)
    assert (runtime.name, runtime.precision) == (name, "fp32")


@pytest.mark.parametrize("name", NAMES)
def test_one_thread_gives_what_many_give(name, load):
    image = batch(1, 3, 64, 64)
    np.testing.assert_allclose(load(name, threads=1).infer(image), load(name).infer(image), atol=1e-5)


@pytest.mark.parametrize("make", [OnnxRuntime, OpenVinoRuntime])
def test_names_inside_a_file_do_not_matter(make, small, tmp_path, monkeypatch):
    monkeypatch.setattr("streamdepth.models.export.write.INPUT", "x")
    monkeypatch.setattr("streamdepth.models.export.write.OUTPUT", "y")
    write_onnx(small, tmp_path / "net.onnx")
    assert make(tmp_path / "net.onnx").infer(batch(1, 3, 32, 32)).shape == (1, 32, 32)


@pytest.mark.parametrize("content", [None, b"", b"not a network"])
@pytest.mark.parametrize(
    ("make", "name"),
    [(OpenVinoRuntime, "net.onnx"), (OpenVinoRuntime, "net.xml"), (TorchScriptRuntime, "net.pt")],
)
def test_a_damaged_file_is_a_model_error_of_one_line(make, name, content, tmp_path):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"cannot load .*{name}: \S") as caught:
        make(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
def test_lanes_give_at_the_same_time_what_one_runtime_gives(name, load):
    lanes = load(name, threads=3).lanes()
    assert len(lanes) == 3
    images = [batch(1, 3, 32, 32 * (1 + number % 2)) * number for number in range(30)]
    alone = load(name, threads=1)
    expected = [alone.infer(image) for image in images]
    with ThreadPoolExecutor(len(lanes)) as threads:
        shares = [
            threads.submit(lambda lane=lane, share=images[first::3]: [lane.infer(image) for image in share])
            for first, lane in enumerate(lanes)
        ]
        found = [share.result(60) for share in shares]
    for number, depth in enumerate(expected):
        np.testing.assert_allclose(found[number % 3][number // 3], depth, atol=1e-4)


@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
def test_one_thread_makes_no_lanes_and_many_make_a_few(name, load):
    runtime = load(name, threads=1)
    assert runtime.lanes() == (runtime,)
    assert len(load(name, threads=64).lanes()) == MOST_LANES
    assert len(load(name, threads=6).lanes(6)) == 6
