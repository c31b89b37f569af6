"""What is in a weights file: which model it is of, its tensors, and whether they fit. No code in a file is ever run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.errors import WeightsError
from streamdepth.models.registry import MIDAS_SMALL, NANO, ModelCard

if TYPE_CHECKING:
    from torch import Tensor, nn

SUFFIXES = (".pt", ".pth", ".safetensors")
"""Of the weights files that can be read."""
_NANO_FORMAT = "streamdepth-nano"

Shapes = Mapping[str, tuple[int, ...]]


def identify(path: Path) -> ModelCard:
    """The model that a weights file is of, by its suffix and metadata; the weights are not loaded.

    Raises `WeightsError` where the file is missing, damaged, or of no kind that is known here.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise WeightsError(f"{path} is not a weights file", f"use one that ends in {' or '.join(SUFFIXES)}")
    if not path.is_file():
        raise WeightsError(f"there is no weights file {path}", "check the path")
    if path.suffix.lower() != ".safetensors":
        return MIDAS_SMALL
    return NANO if _format(path).startswith(_NANO_FORMAT) else MIDAS_SMALL


def load_state_dict(path: Path) -> dict[str, Tensor]:
    """The tensors of a `.pt`, `.pth` or `.safetensors` file by name, on the CPU.

    Raises `WeightsError` where the file is missing, damaged, or holds anything else.
    """
    if not path.is_file():
        raise WeightsError(f"there is no weights file {path}", "check the path")
    content = _read_safetensors(path) if path.suffix.lower() == ".safetensors" else _read_torch(path)
    return _tensors(content, path)


def fill(network: nn.Module, tensors: Mapping[str, Tensor], origin: str, model: str) -> None:
    """Load `tensors`, which come from the file `origin`, into `network`, the model of that name.

    Every key and every shape must be the network's: raises `WeightsError` that says what differs.
    """
    expected = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    given = {key: tuple(value.shape) for key, value in tensors.items()}
    if expected != given:
        raise WeightsError(
            f"{origin} does not hold the weights of {model}: {_difference(expected, given)}",
            "name a file of that model, or another --model",
        )
    network.load_state_dict(dict(tensors))


def _format(path: Path) -> str:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            return str((file.metadata() or {}).get("format", ""))
    except (OSError, SafetensorError) as error:
        raise _damaged(path) from error


def _read_safetensors(path: Path) -> object:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise _damaged(path) from error


def _read_torch(path: Path) -> object:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged pickle can end in almost any of Python's errors
        raise _damaged(path) from error


def _damaged(path: Path) -> WeightsError:
    return WeightsError(
        f"{path} is not a weights file or is damaged",
        "fetch it again; a download that broke off is too short",
    )


def _tensors(content: object, path: Path) -> dict[str, Tensor]:
    import torch

    if isinstance(content, dict) and isinstance(content.get("model"), dict):
        content = content["model"]  # a training checkpoint: the optimiser's state stands beside it
    if not isinstance(content, dict) or not content:
        raise WeightsError(f"{path} holds no weights", "use a state dict saved by torch.save")
    for key, value in content.items():
        if not isinstance(value, torch.Tensor):
            raise WeightsError(
                f"{path} holds '{key}', which is not a tensor", "use a state dict saved by torch.save"
            )
    return content


def _difference(expected: Shapes, given: Shapes) -> str:
    missing = [key for key in expected if key not in given]
    unknown = [key for key in given if key not in expected]
    other = [key for key in expected if key in given and expected[key] != given[key]]
    parts = ((missing, "missing"), (unknown, "unknown"), (other, "of another shape"))
    return "keys " + ", ".join(f"{what}: {len(keys)} (such as {keys[0]})" for keys, what in parts if keys)
