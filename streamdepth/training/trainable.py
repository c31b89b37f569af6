"""Networks as training needs them: loaded with their batch normalisation, and written for `--model FILE`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import save
from torch import Tensor, nn

from streamdepth.models.networks.midas_small import MidasSmall
from streamdepth.models.networks.nano import Nano
from streamdepth.models.networks.nano_files import FORMAT, NanoCard, read_weights
from streamdepth.models.registry import MIDAS_SMALL, NANO, ModelCard, find_card
from streamdepth.models.weights.checkpoint import SUFFIXES, fill, identify, load_state_dict
from streamdepth.models.weights.store import file_sha256, find_weights
from streamdepth.training.files import whole_file
from streamdepth.values import dataclass

_ENCODERS = {MIDAS_SMALL.name: ("pretrained",), NANO.name: ("stem", "stages")}
_RATES = {MIDAS_SMALL.name: 1e-4, NANO.name: 3e-4}


@dataclass(frozen=True, eq=False)
class Trainable:
    """A network to train, where it comes from, and what training needs to know of it."""

    card: ModelCard
    network: nn.Module
    origin: str
    """SHA-256 of the weights it starts from, or another name for them."""

    @property
    def encoder(self) -> tuple[nn.Module, ...]:
        """The parts that `--freeze-encoder` leaves as they are."""
        return tuple(self.network.get_submodule(name) for name in _ENCODERS[self.card.name])

    @property
    def nbytes(self) -> int:
        """Memory that the weights take."""
        return sum(value.nbytes for value in self.network.state_dict().values())

    @property
    def learning_rate(self) -> float:
        """The highest, unless the user names one."""
        return _RATES[self.card.name]


def load_trainable(
    model: str,
    cache_dir: Path | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Trainable:
    """The network of a model's name or weights file, float32, on the CPU.

    Raises `UsageError` for an unknown name and `WeightsError` where the weights cannot be had or do not fit.
    """
    path = Path(model)
    if path.suffix.lower() in SUFFIXES or path.is_file():
        card = identify(path)
    else:
        card = find_card(model)
        path = find_weights(card, cache_dir, progress, retry=True)
    return Trainable(card, _READERS[card.name](path).requires_grad_(True), file_sha256(path))


def write_trained(
    trainable: Trainable, tensors: Mapping[str, Tensor], settings: Mapping[str, object], path: Path
) -> None:
    """Write weights of the network as safetensors that `--model FILE` runs, with `settings` as JSON inside.

    The file appears whole or not at all. Raises `DiskFull` or `SinkError` where it cannot be written.
    """
    metadata = {**_description(trainable.network, settings), "training": json.dumps(dict(settings))}
    cpu = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    with whole_file(path) as file:
        file.write(save(cpu, metadata))


def _description(network: nn.Module, settings: Mapping[str, object]) -> dict[str, str]:
    """What the readers of the models look for in the metadata."""
    if not isinstance(network, Nano):
        return {"format": "pt"}
    card = NanoCard(views=int(str(settings["views"])), date=str(settings["date"]))
    return {"format": FORMAT, "config": json.dumps(asdict(network.config)), "card": json.dumps(asdict(card))}


def _midas_small(path: Path) -> nn.Module:
    tensors = load_state_dict(path)
    network = MidasSmall()
    fill(network, tensors, path.name, MIDAS_SMALL.name)
    return network


_READERS: dict[str, Callable[[Path], nn.Module]] = {MIDAS_SMALL.name: _midas_small, NANO.name: read_weights}
