from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from streamdepth.models.export.write import write_onnx
from streamdepth.models.networks.nano import NanoConfig, StageConfig, build_nano, fuse_batch_norm
from streamdepth.models.weights.half import halve_file, widened

CONFIG = NanoConfig(stem=8, stages=(StageConfig(16, 1, 3), StageConfig(16, 2, 5)) * 2, decoder=(16, 16, 8, 8))
PICTURE = np.random.default_rng(1).normal(size=(1, 3, 64, 96)).astype(np.float32)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A network whose weights 16 bits hold exactly, in 32 bits and in 16."""
    folder = tmp_path_factory.mktemp("half")
    full, half = folder / "full.onnx", folder / "half.onnx"
    network = fuse_batch_norm(build_nano(CONFIG)).half().float()
    for path in (full, half):
        write_onnx(network, path)
    halve_file(half)
    return full, half


def depth(model: Path | bytes) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {"image": PICTURE})[0]


def test_half_the_size_and_the_same_answer(files: tuple[Path, Path]) -> None:
    full, half = files
    weights = [sum(len(t.raw_data) for t in onnx.load(path).graph.initializer) for path in files]
    assert weights[1] < 0.6 * weights[0]
    np.testing.assert_array_equal(depth(half), depth(full))


def test_openvino_computes_the_same_from_either(files: tuple[Path, Path]) -> None:
    openvino = pytest.importorskip("openvino")
    from streamdepth.models.export.openvino_library import openvino_core

    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    maps = [openvino_core().compile_model(path, "CPU", exact)([PICTURE])[0] for path in files]
    assert openvino
    np.testing.assert_allclose(maps[1], maps[0], rtol=1e-4, atol=1e-4)


def test_widened_it_is_as_before(files: tuple[Path, Path]) -> None:
    full, half = files
    wide = widened(onnx.load(half))
    assert not [node for node in wide.graph.node if node.op_type == "Cast" and ".half" in node.input[0]]
    assert {tensor.data_type for tensor in wide.graph.initializer} <= {
        onnx.TensorProto.FLOAT,
        onnx.TensorProto.INT64,
    }
    np.testing.assert_array_equal(depth(wide.SerializeToString()), depth(full))
