"""A small nano, and its weights file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from streamdepth.models.networks.nano import (
    Nano,
    NanoConfig,
    StageConfig,
    build_nano,
)
from streamdepth.models.networks.nano_files import NanoCard, write_weights

SMALL = NanoConfig(stem=4, stages=(StageConfig(8, 1, 3), StageConfig(8, 2, 5)) * 2, decoder=(8, 8, 4, 4))


@pytest.fixture(scope="module")
def lived_in() -> Nano:
    """A small network whose normalisation statistics are not the initial ones."""
    torch.manual_seed(0)
    network = build_nano(SMALL)
    with torch.no_grad():
        for _ in range(3):
            network(torch.randn(2, 3, 64, 64) * 2 + 1)
    return network.eval()


@pytest.fixture(scope="module")
def weights(lived_in: Nano, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nano") / "nano.safetensors"
    write_weights(lived_in, NanoCard(views=7, date="2026-01-01"), path)
    return path
