"""From a weights file to a network that is ready for inference."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from streamdepth.errors import WeightsError
from streamdepth.models.networks.build import load_network
from streamdepth.models.networks.midas_small import MidasSmall
from streamdepth.models.networks.nano import Nano, fuse_batch_norm
from streamdepth.models.registry import MIDAS_SMALL, NANO, ModelCard
from streamdepth.models.weights.store import DATA


def assert_ready(network: torch.nn.Module) -> None:
    assert not any(module.training for module in network.modules())
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert {tensor.dtype for tensor in network.parameters()} == {torch.float32}
    assert {tensor.device.type for tensor in network.parameters()} == {"cpu"}


def test_nano_is_fused_and_its_weights_are_those_of_half_precision(weights: Path, lived_in: Nano) -> None:
    network = load_network(NANO, weights)
    assert_ready(network)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())
    expected = fuse_batch_norm(deepcopy(lived_in)).state_dict()
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(tensor, expected[name].half().float(), rtol=1e-3, atol=1e-4)
        assert torch.equal(tensor, tensor.half().float())


def test_nano_answers_for_pictures_of_other_sizes_and_several_at_once(weights: Path) -> None:
    network = load_network(NANO, weights)
    assert network(torch.zeros(2, 3, 64, 96)).shape == (2, 64, 96)
    assert network(torch.zeros(1, 3, 32, 32)).shape == (1, 32, 32)


def test_the_nano_of_the_package_gives_finite_depth_of_every_pixel() -> None:
    network = load_network(NANO, DATA / "nano.safetensors")
    assert_ready(network)
    depth = network(torch.zeros(1, 3, 64, 64))
    assert depth.shape == (1, 64, 64)
    assert torch.isfinite(depth).all()
    assert depth.std() > 0


def test_midas_small_gets_every_weight_of_its_file(tmp_path: Path) -> None:
    torch.manual_seed(4)
    saved, path = MidasSmall().state_dict(), tmp_path / "midas.pt"
    torch.save(saved, path)
    network = load_network(MIDAS_SMALL, path)
    assert_ready(network)
    loaded = network.state_dict()
    assert loaded.keys() == saved.keys()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in saved.items())


@pytest.mark.parametrize(
    ("card", "name"), [(NANO, "a.safetensors"), (MIDAS_SMALL, "a.pt"), (MIDAS_SMALL, "a.safetensors")]
)
def test_a_file_that_is_missing_or_damaged_is_told(card: ModelCard, name: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=f"there is no weights file .*{name}"):
        load_network(card, tmp_path / name)
    (tmp_path / name).write_bytes(b"no weights at all")
    with pytest.raises(WeightsError, match=name):
        load_network(card, tmp_path / name)


def test_weights_of_another_network_are_refused_with_its_name(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nano\.safetensors does not hold the weights of midas-small: "):
        load_network(MIDAS_SMALL, weights)
    save_file({"w": torch.zeros(1)}, tmp_path / "a.safetensors")
    with pytest.raises(WeightsError, match=r"a\.safetensors does not hold weights of nano"):
        load_network(NANO, tmp_path / "a.safetensors")
