"""The weights file of nano."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from streamdepth.errors import WeightsError
from streamdepth.models.networks import nano_files
from streamdepth.models.networks.nano import (
    Nano,
    build_nano,
)
from streamdepth.models.networks.nano_files import NanoCard, read_weights, write_weights

CARD = NanoCard(views=7, date="2026-01-01")


def test_weights_come_back_in_half_precision(lived_in: Nano, weights: Path) -> None:
    written, read = lived_in.state_dict(), read_weights(weights).state_dict()
    assert written.keys() == read.keys()
    for name, value in written.items():
        torch.testing.assert_close(read[name].float(), value.half().float(), rtol=0, atol=0)


def test_weights_carry_what_made_them(lived_in: Nano, weights: Path) -> None:
    with safe_open(weights, "pt") as file:
        metadata = file.metadata()
    assert json.loads(metadata["card"]) == {"views": 7, "date": "2026-01-01"}
    assert read_weights(weights).config == lived_in.config


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weights file"):
        read_weights(tmp_path / "none.safetensors")


def test_cut_weights_are_refused(weights: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(WeightsError, match="damaged"):
        read_weights(cut)


def test_weights_of_another_format_are_refused(
    lived_in: Nano, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "other.safetensors"
    monkeypatch.setattr(nano_files, "FORMAT", "another")
    write_weights(lived_in, CARD, path)
    monkeypatch.undo()
    with pytest.raises(WeightsError, match=re.escape("does not hold weights of nano")):
        read_weights(path)


def test_weights_that_do_not_fit_their_config_are_refused(lived_in: Nano, tmp_path: Path) -> None:
    network = build_nano(lived_in.config)
    network.config = replace(network.config, stem=5)
    write_weights(network, CARD, tmp_path / "odd.safetensors")
    with pytest.raises(WeightsError, match="do not fit"):
        read_weights(tmp_path / "odd.safetensors")


def test_weights_from_before_there_was_an_overview_are_read_as_ever(lived_in: Nano, tmp_path: Path) -> None:
    path = tmp_path / "old.safetensors"
    config = {name: value for name, value in asdict(lived_in.config).items() if name != "overview"}
    save_file(
        lived_in.state_dict(),
        path,
        {"format": nano_files.FORMAT, "config": json.dumps(config), "card": json.dumps(asdict(CARD))},
    )
    assert read_weights(path).config == replace(lived_in.config, overview=None)
