"""The training loop: AdamW, warm-up and cosine, clipped gradients, averaged weights, checkpoints to go on from.

Everything random in step k comes from a generator that is seeded by (seed, k), so that a run that was resumed
sees what an unbroken one sees.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from streamdepth.errors import ModelError, WeightsError
from streamdepth.files import whole_file
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Batch:
    """What one step learns from."""

    image: Tensor
    """float32 (N, 3, H, W), normalised."""
    truth: Tensor
    """float32 (N, H, W), inverse depth."""
    mask: Tensor
    """bool (N, H, W): where `truth` is known."""


BatchSource = Callable[[np.random.Generator], Batch]
"""Makes a batch; all its chance comes from the generator."""
Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Scalar loss of prediction, truth and mask."""


@dataclass(frozen=True)
class LoopOptions:
    """How to learn."""

    horizon: int
    """Views (pictures seen, repeats counted) at which the learning rate has come down."""
    learning_rate: float = 1.5e-3
    final_share: float = 0.005
    """Share of the learning rate that is left at the horizon and after it."""
    warm_up: int = 3000
    """Views over which the learning rate rises."""
    weight_decay: float = 0.01
    largest_gradient: float = 1.0
    """Gradients of a greater norm are scaled down to it."""
    average: float = 0.998
    """What one step leaves of the averaged weights; less at the beginning."""
    still: bool = False
    """Whether the statistics of all normalisation stay as they are."""
    seed: int = 1


@dataclass(frozen=True)
class Progress:
    """Where the training stands after a step."""

    step: int
    views: int
    loss: float
    learning_rate: float


class Trainer:
    """Owns the network in training, its averaged weights and the optimiser."""

    def __init__(
        self,
        network: nn.Module,
        loss: Loss,
        options: LoopOptions,
        shares: Mapping[nn.Module, float] | None = None,
    ) -> None:
        """`shares` names parts of the network that learn at a share of the learning rate; at 0 they stay as they are.

        They keep the statistics of their normalisation.
        """
        shares = shares or {}
        self.slow = tuple(part.requires_grad_(share > 0) for part, share in shares.items())
        # PyTorch's stubs know memory_format for tensors only.
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # PyTorch types no such call
        self.loss = loss
        self.options = options
        self.optimiser = torch.optim.AdamW(
            _parameter_groups(network, options.weight_decay, shares),
            lr=options.learning_rate,
            fused=True,
        )
        self.average = {name: value.detach().clone() for name, value in network.state_dict().items()}
        self.steps = 0
        self.views = 0

    def step(self, source: BatchSource) -> Progress:
        """Learn from one batch. Raises `ModelError` when the loss is no longer a number."""
        batch = source(np.random.default_rng((self.options.seed, self.steps)))
        rate = learning_rate(self.views, self.options)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group.get("share", 1.0)  # older checkpoints have none
        loss = self._descend(batch)
        self.steps += 1
        self.views += len(batch.image)
        self._average()
        return Progress(self.steps, self.views, loss, rate)

    def set_horizon(self, views: int) -> None:
        """Let the learning rate come down at another number of views."""
        self.options = replace(self.options, horizon=views)

    def averaged_network(self, like: nn.Module) -> nn.Module:
        """`like` with the averaged weights, ready for inference."""
        like.load_state_dict(self.average)
        return like.eval()

    def save(self, path: Path) -> None:
        """Write all that `resume` needs, whole or not at all. Raises `DiskFull` or `SinkError`."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "options": asdict(self.options),
            "steps": self.steps,
            "views": self.views,
        }
        with whole_file(path) as file:
            torch.save(state, file)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint. Raises `WeightsError` where it is not one of this network."""
        state = read_checkpoint(path)
        try:
            self.network.load_state_dict(state["network"])
            self.optimiser.load_state_dict(state["optimiser"])
        except (KeyError, ValueError, RuntimeError) as error:
            raise WeightsError(
                f"{path} is a checkpoint of another network", "start without --resume, or name another file"
            ) from error
        self.average = dict(state["average"])
        self.steps, self.views = state["steps"], state["views"]

    def _prepare(self) -> None:
        self.network.train(not self.options.still)
        for part in self.slow:
            part.eval()

    def _descend(self, batch: Batch) -> float:
        self._prepare()
        self.optimiser.zero_grad(set_to_none=True)
        image = batch.image.contiguous(memory_format=torch.channels_last)
        loss = self.loss(self.network(image), batch.truth, batch.mask)
        value = number_of(loss, self.steps, "resume from the last checkpoint with a lower learning rate")
        loss.backward()  # type: ignore[no-untyped-call]  # PyTorch gives it no types
        nn.utils.clip_grad_norm_(self.network.parameters(), self.options.largest_gradient)
        self.optimiser.step()
        return value

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.options.average, (1 + self.steps) / (10 + self.steps))
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                self.average[name].lerp_(value, 1 - keep)
            else:
                self.average[name].copy_(value)


def number_of(loss: Tensor, step: int, cure: str) -> float:
    """The number of a scalar loss; raises `ModelError` where it is none any more."""
    value = loss.item()
    if not math.isfinite(value):
        raise ModelError(f"the loss of step {step} is {value}", cure)
    return value


def learning_rate(views: int, options: LoopOptions) -> float:
    """Linear rise over the warm-up, then half a cosine down to the final share at the horizon."""
    rise = min(1.0, (views + 1) / options.warm_up)
    course = min(1.0, max(0, views - options.warm_up) / max(1, options.horizon - options.warm_up))
    fall = options.final_share + (1 - options.final_share) * 0.5 * (1 + math.cos(math.pi * course))
    return options.learning_rate * rise * fall


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The state that `Trainer.save` wrote. Raises `WeightsError` where it cannot be read."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise WeightsError(f"there is no checkpoint {path}", "start without --resume") from error
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise WeightsError(f"{path} is damaged or no checkpoint", "start without --resume") from error
    if not isinstance(state, dict) or "average" not in state:
        raise WeightsError(
            f"{path} is not a checkpoint of a training run", "name the file that --resume wrote"
        )
    return state


def _parameter_groups(
    network: nn.Module, weight_decay: float, shares: Mapping[nn.Module, float]
) -> list[dict[str, object]]:
    """Biases and normalisation are not decayed: their size says nothing about complexity."""
    share_of = {parameter: share for part, share in shares.items() for parameter in part.parameters()}
    groups: list[dict[str, object]] = []
    for rate in dict.fromkeys((1.0, *shares.values())):
        parameters = [p for p in network.parameters() if p.requires_grad and share_of.get(p, 1.0) == rate]
        for decayed in (True, False):
            params = [p for p in parameters if (p.ndim > 1) is decayed]
            if params:
                groups.append(
                    {"params": params, "weight_decay": weight_decay if decayed else 0.0, "share": rate}
                )
    return groups
