"""States of one network, as tensors by name, and means of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from torch import Tensor

Part = Literal["all", "encoder", "late"]
PARTS: dict[Part, tuple[str, ...]] = {
    "all": ("",),
    "encoder": ("stem.", "stages."),
    "late": ("stages.3.", "stages.4.", "stages.5."),
}
"""What the names of tensors begin with; late are the encoder's last three stages, which read a picture as a whole."""


def mean_of(
    one: Mapping[str, Tensor], other: Mapping[str, Tensor], parts: tuple[str, ...] = ("",)
) -> dict[str, Tensor]:
    """The mean of both in tensors whose names begin with one of `parts`; the rest, and what counts, as in `other`."""
    return {
        name: (one[name] + value) / 2 if value.is_floating_point() and name.startswith(parts) else value
        for name, value in other.items()
    }


def mean_of_all(states: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of all; what counts, as in the first."""
    first, *others = states
    return {
        name: sum((other[name] for other in others), value) / len(states)
        if value.is_floating_point()
        else value
        for name, value in first.items()
    }
