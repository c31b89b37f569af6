"""The weights file of `nano`: half-precision safetensors, with the shape of the network and what made them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from streamdepth.errors import WeightsError
from streamdepth.files import write_whole
from streamdepth.models.networks.nano import Nano, NanoConfig, StageConfig, build_nano
from streamdepth.values import dataclass

FORMAT = "streamdepth-nano-2"
_FIRST = "streamdepth-nano-1"
"""What `train` wrote before the encoder was EfficientNet-Lite; such files are read as ever."""


@dataclass(frozen=True)
class NanoCard:
    """What the weights come from."""

    views: int
    """Pictures seen in training, repeats counted."""
    date: str
    """ISO date of the export."""


def write_weights(network: Nano, card: NanoCard, path: Path) -> None:
    """Write the weights as float16, with config and card in the metadata; whole or not at all."""
    tensors = {
        name: value.half().contiguous() if value.is_floating_point() else value
        for name, value in network.state_dict().items()
    }
    metadata = {
        "format": FORMAT,
        "config": json.dumps(asdict(network.config)),
        "card": json.dumps(asdict(card)),
    }
    write_whole(path, save(tensors, metadata))


def read_weights(path: Path) -> Nano:
    """The network of a file that `write_weights` wrote, float32, ready for inference.

    Raises `WeightsError` where the file is missing, damaged, or of another network.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 (no mapping: it has only keys())
    except FileNotFoundError as error:
        raise WeightsError(f"there is no weights file {path}", "name a file that exists") from error
    except (OSError, SafetensorError) as error:
        raise WeightsError(
            f"{path} is damaged", "create it again with scripts/nano/train.py export"
        ) from error
    if metadata.get("format") not in (FORMAT, _FIRST):
        raise WeightsError(
            f"{path} does not hold weights of nano", "name a file of scripts/nano/train.py export"
        )
    return _filled(build_nano(_config(metadata["config"])), tensors, path)


def _config(text: str) -> NanoConfig:
    values = json.loads(text)
    if "entry" not in values:  # streamdepth-nano-1
        values |= {"entry": values["stem"], "clipped": False}
    overview = values.pop("overview", None)  # older files have none
    stages = tuple(StageConfig(**stage) for stage in values.pop("stages"))
    return NanoConfig(
        stages=stages,
        decoder=tuple(values.pop("decoder")),
        overview=tuple(overview) if overview else None,
        **values,
    )


def _filled(network: Nano, tensors: dict[str, torch.Tensor], path: Path) -> Nano:
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise WeightsError(
            f"the weights in {path} do not fit the network that it describes",
            "create it again with scripts/nano/train.py export",
        ) from error
    return network.eval()
