from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from streamdepth.engine.runtimes.torchscript import TorchScriptRuntime
from streamdepth.models.export.write import write_onnx, write_torchscript
from streamdepth.models.networks.nano import (
    Nano,
    build_nano,
    fuse_batch_norm,
)
from streamdepth.models.networks.nano_files import read_weights


@pytest.fixture(scope="module")
def session(weights: Path) -> onnxruntime.InferenceSession:
    path = weights.with_suffix(".onnx")
    write_onnx(fuse_batch_norm(read_weights(weights)), path)
    return onnxruntime.InferenceSession(path)


def test_nano_has_about_three_million_parameters() -> None:
    assert 2.9e6 < sum(parameter.numel() for parameter in build_nano().parameters()) < 3.3e6


@pytest.mark.parametrize("size", [(32, 32), (96, 256), (128, 64)])
def test_depth_has_the_size_of_the_picture(lived_in: Nano, size: tuple[int, int]) -> None:
    with torch.inference_mode():
        assert build_nano(lived_in.config).eval()(torch.zeros(2, 3, *size)).shape == (2, *size)


def test_folding_batch_normalisation_does_not_change_the_answer(lived_in: Nano) -> None:
    network, image = deepcopy(lived_in), torch.randn(1, 3, 64, 96)
    with torch.inference_mode():
        before = network(image)
        fused = fuse_batch_norm(network)
        torch.testing.assert_close(fused(image), before, rtol=1e-4, atol=1e-4)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in fused.modules())


@pytest.mark.parametrize(
    ("size", "overview"),
    [
        ((192, 256), (192, 256)),
        ((256, 320), (256, 320)),
        ((288, 384), (256, 320)),
        ((384, 288), (320, 256)),
        ((512, 512), (320, 320)),
        ((224, 384), (192, 320)),
        ((128, 512), (128, 512)),  # below 192 nothing is made smaller, however long the other side is
    ],
)
def test_the_whole_of_a_large_picture_is_read_from_a_smaller_one(
    lived_in: Nano, size: tuple[int, int], overview: tuple[int, int]
) -> None:
    with torch.inference_mode():
        fine, *others = (tuple(level.shape[2:]) for level in lived_in.encode(torch.zeros(1, 3, *size)))
    assert fine == (size[0] // 2, size[1] // 2)
    assert (
        others == [(overview[0] // stride, overview[1] // stride) for stride in (4, 8, 16, 32)][: len(others)]
    )


def test_up_to_that_size_the_answer_is_that_of_a_network_without_it(lived_in: Nano) -> None:
    without = build_nano(replace(lived_in.config, overview=None)).eval()
    without.load_state_dict(lived_in.state_dict())
    with torch.inference_mode():
        for size, same in (((256, 320), True), ((288, 384), False)):
            image = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(1))
            assert torch.equal(lived_in(image), without(image)) is same


@pytest.mark.parametrize("size", [(256, 128), (128, 256), (256, 192), (160, 256), (288, 384), (512, 448)])
def test_torchscript_answers_as_torch_does_at_any_size(
    weights: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    network, path = fuse_batch_norm(read_weights(weights)), tmp_path / "nano.pt"
    write_torchscript(network, path)
    image = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = network(image).numpy()
    np.testing.assert_allclose(TorchScriptRuntime(path).infer(image.numpy()), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size", [(256, 128), (128, 256), (256, 192), (160, 256), (288, 384), (512, 448)])
def test_onnx_answers_as_torch_does_at_any_size(
    weights: Path, session: onnxruntime.InferenceSession, size: tuple[int, int]
) -> None:
    image = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = read_weights(weights)(image).numpy()
    (depth,) = session.run(["depth"], {"image": image.numpy()})
    assert depth.shape == (2, *size)
    assert depth.dtype == np.float32
    assert np.abs(depth - expected).max() < 1e-3 * np.abs(expected).max()
