"""States of one network, as tensors by name, and the mean of two of them."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

ENCODER = ("stem.", "stages.")
"""What the names of the encoder's tensors begin with."""


def mean_of(
    one: Mapping[str, Tensor], other: Mapping[str, Tensor], parts: tuple[str, ...] = ("",)
) -> dict[str, Tensor]:
    """The mean of both in tensors whose names begin with one of `parts`; the rest, and what counts, as in `other`."""
    return {
        name: (one[name] + value) / 2 if value.is_floating_point() and name.startswith(parts) else value
        for name, value in other.items()
    }
