"""The trainer with what fine-tuning adds: a device, mixed precision, batches in pieces, a frozen encoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from streamdepth.errors import ModelError, UsageError, WeightsError
from streamdepth.training.files import whole_file
from streamdepth.training.loop import Batch, LoopOptions, Loss, Trainer, number_of, read_checkpoint
from streamdepth.training.settings import DeviceName


class Learner(Trainer):
    """A `Trainer` for users' own data and machines."""

    def __init__(
        self,
        network: nn.Module,
        loss: Loss,
        options: LoopOptions,
        device: torch.device,
        frozen: Iterable[nn.Module] = (),
    ) -> None:
        """`frozen` parts of the network keep their weights and the statistics of their normalisation."""
        self.device = device
        self.piece = 0
        """Pictures worked on at a time; 0 is the whole batch. Halved whenever memory does not suffice."""
        self.notes: dict[str, Any] = {}
        """What the run wants to find again after a resume: plain values only."""
        super().__init__(network.to(device), loss, options, dict.fromkeys(frozen, 0.0))
        half = device.type == "cuda" and not torch.cuda.is_bf16_supported()
        self._scaler = torch.amp.GradScaler(device.type, enabled=half)
        self._half = torch.float16 if half else torch.bfloat16

    def save(self, path: Path) -> None:
        """Write all that `resume` needs; raises `DiskFull` or `SinkError` where that fails."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "scaler": self._scaler.state_dict(),
            "options": asdict(self.options),
            "steps": self.steps,
            "views": self.views,
            "piece": self.piece,
            "notes": self.notes,
        }
        with whole_file(path) as file:
            torch.save(state, file)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint. Raises `WeightsError` where it is not one of this network."""
        self.restore(read_checkpoint(path), path)

    def restore(self, state: dict[str, Any], origin: Path) -> None:
        """Go on from what `read_checkpoint` read from `origin`; raises as `resume`."""
        try:
            self.network.load_state_dict(state["network"])
            self.optimiser.load_state_dict(state["optimiser"])
            self._scaler.load_state_dict(state["scaler"])
            self.average = {name: value.to(self.device) for name, value in state["average"].items()}
            self.steps, self.views, self.piece = state["steps"], state["views"], state["piece"]
            self.notes = state["notes"]
        except (KeyError, ValueError, RuntimeError) as error:
            raise WeightsError(
                f"{origin} is a checkpoint of another network", "leave out --resume, or name another --folder"
            ) from error

    def infer(self, network: nn.Module, image: Tensor) -> Tensor:
        """float32 (N, H, W) of float32 (N, 3, H, W), in mixed precision on a GPU only."""
        image = image.to(self.device, non_blocking=True).contiguous(memory_format=torch.channels_last)
        with self._precision():
            depth: Tensor = network(image)
        return depth.float()

    def _descend(self, batch: Batch) -> float:
        while True:
            try:
                return self._descend_in_pieces(batch)
            except RuntimeError as error:
                if not _is_out_of_memory(error):
                    raise
                self.piece = _half_of(self.piece or len(batch.image), error)
            torch.cuda.empty_cache()  # here, where the error no longer holds on to the tensors

    def _descend_in_pieces(self, batch: Batch) -> float:
        self._prepare()
        self.optimiser.zero_grad(set_to_none=True)
        loss = sum(self._accumulate(piece, len(batch.image)) for piece in _pieces(batch, self.piece))
        self._scaler.unscale_(self.optimiser)
        nn.utils.clip_grad_norm_(self.network.parameters(), self.options.largest_gradient)
        self._scaler.step(self.optimiser)
        self._scaler.update()
        return loss

    def _accumulate(self, piece: Batch, whole: int) -> float:
        """Add the gradients of a piece of a batch of `whole` pictures; its share of the loss."""
        prediction = self.infer(self.network, piece.image)
        loss = self.loss(prediction, piece.truth.to(self.device), piece.mask.to(self.device))
        loss = loss * (len(piece.image) / whole)
        cure = "start again with a lower --learning-rate in another --folder"
        value = number_of(loss, self.steps, cure)
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]  # PyTorch gives it no types
        return value

    def _precision(self) -> AbstractContextManager[object]:
        return torch.autocast(self.device.type, self._half, enabled=self.device.type == "cuda")


def choose_device(name: DeviceName) -> torch.device:
    """The device of that name; `auto` is the GPU where there is one. Raises `UsageError` where it is not there."""
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise UsageError("PyTorch sees no CUDA device", "use --device cpu, or install PyTorch's CUDA build")
    return torch.device("cuda" if there and name != "cpu" else "cpu")


def _is_out_of_memory(error: RuntimeError) -> bool:
    """On a CPU, PyTorch's allocator says so in words only."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _half_of(piece: int, error: RuntimeError) -> int:
    if piece < 2:
        raise ModelError(
            "there is not enough memory for a single picture", "use a smaller --size, or --device cpu"
        ) from error
    return piece // 2


def _pieces(batch: Batch, size: int) -> Iterator[Batch]:
    size = size or len(batch.image)
    parts = (torch.split(tensor, size) for tensor in (batch.image, batch.truth, batch.mask))
    return (Batch(*piece) for piece in zip(*parts, strict=True))
