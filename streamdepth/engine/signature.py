"""What goes into and comes out of a network file: found out from the file, whoever made it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streamdepth.engine.engine import Batch
from streamdepth.errors import ModelError


@dataclass(frozen=True)
class Port:
    """One input or output of a graph."""

    name: str
    shape: tuple[int | None, ...]
    """None where any length goes."""
    dtype: str
    """As NumPy calls it."""


@dataclass(frozen=True)
class Signature:
    """The one picture that a network takes and the one map that it gives."""

    image: str
    depth: str
    size: tuple[int, int] | None
    """The only (width, height) that it takes, or None."""


def read_signature(inputs: Sequence[Port], outputs: Sequence[Port], origin: Path) -> Signature:
    """The signature of a graph from (N, 3, H, W) to (N, H, W) or (N, 1, H, W), all float32; N may be fixed to 1.

    Raises `ModelError` for any other graph.
    """
    if not (_one(inputs, _is_picture) and _one(outputs, _is_map)):
        raise ModelError(
            f"{origin} is no network from one picture to one depth map: "
            f"it takes {_told(inputs)} and gives {_told(outputs)}",
            "use one from float32 (N, 3, H, W) to float32 (N, H, W) or (N, 1, H, W)",
        )
    height, width = inputs[0].shape[2:]
    size = None if width is None or height is None else (width, height)
    return Signature(inputs[0].name, outputs[0].name, size)


def as_maps(depth: NDArray[np.generic]) -> Batch:
    """(N, H, W) or (N, 1, H, W) -> float32 (N, H, W), contiguous."""
    maps = depth[:, 0] if depth.ndim == 4 else depth
    return np.ascontiguousarray(maps, np.float32)


def _one(ports: Sequence[Port], fits: Callable[[Port], bool]) -> bool:
    return len(ports) == 1 and ports[0].dtype == "float32" and fits(ports[0])


def _is_picture(port: Port) -> bool:
    return len(port.shape) == 4 and port.shape[0] in (1, None) and port.shape[1] in (3, None)


def _is_map(port: Port) -> bool:
    return len(port.shape) == 3 or (len(port.shape) == 4 and port.shape[1] in (1, None))


def _told(ports: Sequence[Port]) -> str:
    return ", ".join(
        f"{port.dtype} ({', '.join('?' if n is None else str(n) for n in port.shape)})" for port in ports
    )
