"""What goes into and comes out of a network file: found out from the file, whatever made it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import ModelError
from streamdepth.models.registry import Sides
from streamdepth.values import dataclass

_IMAGES = ("float32", "float16", "float64", "uint8")
_MAPS = ("float32", "float16", "float64")
DEPTH_NAMES = ("depth", "predicted_depth", "inverse_depth", "disparity", "disp")
"""What an output is called that is the one meant, if there are several."""


@dataclass(frozen=True)
class Port:
    """One input or output of a graph."""

    name: str
    shape: tuple[int | None, ...]
    """None where any length goes."""
    dtype: str
    """As NumPy calls it."""


@dataclass(frozen=True)
class IOSpec:
    """The one picture that a network takes and the one map that it gives, and how they are laid out."""

    image: str
    depth: str
    size: Sides | None
    """(width, height) that it takes; None for a side, or for both, where it is free."""
    dtype: str = "float32"
    """Of the picture."""
    channels_last: bool = False
    """Whether the picture is (N, H, W, 3)."""
    others: tuple[str, ...] = ()
    """Outputs that are not asked for."""

    @property
    def takes_bytes(self) -> bool:
        """Whether the picture goes in as it is, 0 to 255, and the network normalises it."""
        return self.dtype == "uint8"

    def shape(self, batch: tuple[int, ...]) -> tuple[int, ...]:
        """The shape in which a batch (N, 3, H, W) goes in."""
        count, channels, height, width = batch
        return (count, height, width, channels) if self.channels_last else batch

    def laid_out(self, batch: NDArray[np.float32]) -> NDArray[np.generic]:
        """A batch (N, 3, H, W) float32 as the network takes it, contiguous."""
        image = batch.transpose(0, 2, 3, 1) if self.channels_last else batch
        if self.takes_bytes:
            return np.ascontiguousarray(np.clip(np.rint(image), 0, 255), np.uint8)
        return np.ascontiguousarray(image, self.dtype)


def read_io_spec(inputs: Sequence[Port], outputs: Sequence[Port], origin: Path) -> IOSpec:
    """The input and the output of a graph from one picture to one depth map.

    The picture is (N, 3, H, W) or (N, H, W, 3) of floating-point numbers, or of bytes; the map (N, H, W), (H, W), or
    has one channel before or after these sides. Of several outputs the map that is called depth is meant. N may be
    fixed to 1. Raises `ModelError` for any other graph.
    """
    if len(inputs) != 1 or not _is_picture(inputs[0]) or not any(map(_is_map, outputs)):
        raise ModelError(
            f"{origin} is not a network from one picture to one depth map: "
            f"it takes {_text_of(inputs)} and gives {_text_of(outputs)}",
            "use one from (1, 3, H, W) or (1, H, W, 3) to (1, H, W) or (1, 1, H, W)",
        )
    image, depth = inputs[0], _meant(outputs, origin)
    channels_last = image.shape[1] != 3 and image.shape[3] == 3
    height, width = image.shape[1:3] if channels_last else image.shape[2:]
    return IOSpec(
        image.name,
        depth.name,
        None if width is None and height is None else (width, height),
        image.dtype,
        channels_last,
        tuple(port.name for port in outputs if port is not depth),
    )


def as_maps(depth: NDArray[np.generic]) -> NDArray[np.float32]:
    """A map as a network gives it -> float32 (N, H, W), contiguous."""
    if depth.ndim == 4:
        depth = depth[:, 0] if depth.shape[1] == 1 else depth[..., 0]
    return np.ascontiguousarray(depth if depth.ndim == 3 else depth[None], np.float32)


def _meant(outputs: Sequence[Port], origin: Path) -> Port:
    maps = [port for port in outputs if _is_map(port)]
    called = [port for port in maps if port.name.lower() in DEPTH_NAMES]
    chosen = maps if len(maps) == 1 else called
    if len(chosen) != 1:
        raise ModelError(
            f"{origin} gives several maps, and it is unclear which is depth: {_text_of(maps)}",
            "name one of its outputs 'depth'",
        )
    return chosen[0]


def _is_picture(port: Port) -> bool:
    if port.dtype not in _IMAGES or len(port.shape) != 4 or port.shape[0] not in (1, None):
        return False
    return port.shape[1] in (3, None) or port.shape[3] == 3


def _is_map(port: Port) -> bool:
    if port.dtype not in _MAPS:
        return False
    if len(port.shape) == 4:
        has_sides = port.shape[2] != 1 and (port.shape[1] != 1 or port.shape[3] != 1)
        return has_sides and (port.shape[1] in (1, None) or port.shape[3] == 1)
    return len(port.shape) in (2, 3) and port.shape[-1] != 1


def _text_of(ports: Sequence[Port]) -> str:
    return ", ".join(
        f"{port.name} {port.dtype} ({', '.join('?' if n is None else str(n) for n in port.shape)})"
        for port in ports
    )
