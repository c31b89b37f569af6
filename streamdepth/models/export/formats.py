"""Files that hold a whole network, graph and weights: which formats there are, and which one a file is in."""

from __future__ import annotations

import zipfile
from enum import Enum
from mmap import ACCESS_READ, mmap
from pathlib import Path


class NetworkFormat(Enum):
    """The value is its name as `models export --format` calls it."""

    TORCHSCRIPT = "torchscript"
    ONNX = "onnx"
    OPENVINO = "openvino"

    @property
    def title(self) -> str:
        """As its makers write it."""
        return _TITLES[self]

    @property
    def suffix(self) -> str:
        """Of its files; beside an OpenVINO `.xml` lies a `.bin` with the weights."""
        return _SUFFIXES[self]


_SUFFIXES = {
    NetworkFormat.TORCHSCRIPT: ".pt",
    NetworkFormat.ONNX: ".onnx",
    NetworkFormat.OPENVINO: ".xml",
}
_TITLES = {
    NetworkFormat.TORCHSCRIPT: "TorchScript",
    NetworkFormat.ONNX: "ONNX",
    NetworkFormat.OPENVINO: "OpenVINO",
}
GRAPH_SUFFIXES = (".onnx", ".xml")
"""Lower case. What ends so is a network with its graph; a `.pt` may be one or hold weights alone."""


def format_of(path: Path) -> NetworkFormat | None:
    """The format of a network file, or None for anything else, a file of weights alone among it."""
    suffix = path.suffix.lower()
    if suffix in GRAPH_SUFFIXES:
        return NetworkFormat.ONNX if suffix == ".onnx" else NetworkFormat.OPENVINO
    return NetworkFormat.TORCHSCRIPT if suffix == ".pt" and _is_torchscript(path) else None


def is_quantised(path: Path) -> bool:
    """Whether an ONNX file or an `.xml` holds layers in int8; False for a file that cannot be read."""
    marker = {".onnx": b"DequantizeLinear", ".xml": b'type="FakeQuantize"'}.get(path.suffix.lower())
    if marker is None:
        return False
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            return content.find(marker) >= 0
    except (OSError, ValueError):  # missing or empty: loading it says so
        return False


def weights_file(path: Path) -> Path:
    """The file in which the weights of a network file are: itself, but for OpenVINO's `.xml`."""
    return path.with_suffix(".bin") if path.suffix.lower() == ".xml" else path


def _is_torchscript(path: Path) -> bool:
    """Whether there is a program in the archive; one that `torch.save` wrote holds tensors only."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any("/code/" in name for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
