from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors import safe_open

from streamdepth.errors import WeightsError
from streamdepth.models.export.write import write_onnx
from streamdepth.models.networks import nano_files
from streamdepth.models.networks.nano import (
    Nano,
    NanoConfig,
    StageConfig,
    build_nano,
    fuse_batch_norm,
)
from streamdepth.models.networks.nano_files import NanoCard, read_weights, write_weights

SMALL = NanoConfig(stem=4, stages=(StageConfig(8, 1, 3), StageConfig(8, 2, 5)) * 2, decoder=(8, 8, 4, 4))
CARD = NanoCard(views=7, date="2026-01-01")


def lived_in(config: NanoConfig = SMALL) -> Nano:
    """A network whose normalisation statistics are not the initial ones."""
    torch.manual_seed(0)
    network = build_nano(config)
    with torch.no_grad():
        for _ in range(3):
            network(torch.randn(2, 3, 64, 64) * 2 + 1)
    return network.eval()


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nano") / "nano.safetensors"
    write_weights(lived_in(), CARD, path)
    return path


@pytest.fixture(scope="module")
def session(weights: Path) -> onnxruntime.InferenceSession:
    path = weights.with_suffix(".onnx")
    write_onnx(fuse_batch_norm(read_weights(weights)), path)
    return onnxruntime.InferenceSession(path)


def test_nano_has_about_three_million_parameters() -> None:
    assert 2.9e6 < sum(parameter.numel() for parameter in build_nano().parameters()) < 3.3e6


@pytest.mark.parametrize("size", [(32, 32), (96, 256), (128, 64)])
def test_depth_has_the_size_of_the_picture(size: tuple[int, int]) -> None:
    with torch.inference_mode():
        assert build_nano(SMALL).eval()(torch.zeros(2, 3, *size)).shape == (2, *size)


def test_folding_batch_normalisation_does_not_change_the_answer() -> None:
    network, image = lived_in(), torch.randn(1, 3, 64, 96)
    with torch.inference_mode():
        before = network(image)
        fused = fuse_batch_norm(network)
        torch.testing.assert_close(fused(image), before, rtol=1e-4, atol=1e-4)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in fused.modules())


def test_weights_come_back_in_half_precision(weights: Path) -> None:
    written, read = lived_in().state_dict(), read_weights(weights).state_dict()
    assert written.keys() == read.keys()
    for name, value in written.items():
        torch.testing.assert_close(read[name].float(), value.half().float(), rtol=0, atol=0)


def test_weights_carry_what_made_them(weights: Path) -> None:
    with safe_open(weights, "pt") as file:
        metadata = file.metadata()
    assert json.loads(metadata["card"]) == {"views": 7, "date": "2026-01-01"}
    assert read_weights(weights).config == SMALL


@pytest.mark.parametrize("size", [(256, 128), (128, 256), (256, 192), (160, 256)])
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


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weights file"):
        read_weights(tmp_path / "none.safetensors")


def test_cut_weights_are_refused(weights: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(WeightsError, match="damaged"):
        read_weights(cut)


def test_weights_of_another_format_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "other.safetensors"
    monkeypatch.setattr(nano_files, "FORMAT", "another")
    write_weights(lived_in(), CARD, path)
    monkeypatch.undo()
    with pytest.raises(WeightsError, match=re.escape("does not hold weights of nano")):
        read_weights(path)


def test_weights_that_do_not_fit_their_config_are_refused(tmp_path: Path) -> None:
    network = lived_in()
    network.config = replace(SMALL, stem=5)
    write_weights(network, CARD, tmp_path / "odd.safetensors")
    with pytest.raises(WeightsError, match="do not fit"):
        read_weights(tmp_path / "odd.safetensors")
