"""From a torch network to an ONNX file, and the cache of such files."""

from __future__ import annotations

import importlib.util
import uuid
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.errors import ModelError

if TYPE_CHECKING:
    from torch import nn

INPUT, OUTPUT = "image", "depth"
"""Names in the ONNX file: `image` (N, 3, H, W) and `depth` (N, H, W), float32, every size but the 3 free."""
_OPSET = 18
_REVISION = 1  # raise it where a file made by older code must not be used any more


def can_export() -> bool:
    """Whether the packages that `write_onnx` needs are installed."""
    return importlib.util.find_spec("onnx") is not None


def converted_path(cache_dir: Path, model: str, sha256: str) -> Path:
    """Where the ONNX file made of the weights with this hash is kept; made by other versions it is another file."""
    return cache_dir / "converted" / f"{model}-{sha256[:16]}-torch{_version('torch')}-{_REVISION}.onnx"


def ensure_converted(path: Path, load: Callable[[], nn.Module]) -> None:
    """Make the ONNX file at `path` from the network that `load` returns, unless it is there.

    Two processes may do so at the same time: each writes its own file, and the last one's stays. Raises `ModelError`.
    """
    if path.is_file():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_onnx(load(), path)
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written: {error.strerror or error}",
            "free some space, choose another cache folder, or use --engine torch",
        ) from error


def write_onnx(network: nn.Module, path: Path) -> None:
    """Write a network, float32 (N, 3, H, W) -> (N, H, W), as one ONNX file that takes any N, H and W it takes.

    The file appears under its name when it is whole. Raises `ModelError` where the network cannot be exported and
    `OSError` where the file cannot be written.
    """
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        _export(network, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _export(network: nn.Module, path: Path) -> None:
    import torch

    if not can_export():
        raise ModelError(
            "conversion for ONNX Runtime needs the package onnx", "pip install 'streamdepth[export]'"
        )
    example = torch.zeros(1, 3, 64, 96)
    free = {INPUT: {0: "n", 2: "height", 3: "width"}, OUTPUT: {0: "n", 1: "height", 2: "width"}}
    with warnings.catch_warnings():
        # That this exporter is the older one. The newer one takes twelve times as long for midas-small (28 s and
        # 2.3 s on two cores), needs one package more, and ONNX Runtime runs both files equally fast.
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(
                network.eval(),
                (example,),
                path,
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_axes=free,
                opset_version=_OPSET,
                dynamo=False,
            )
        except (RuntimeError, TypeError, ValueError) as error:
            raise ModelError(
                f"the network cannot be exported to ONNX: {error}", "use --engine torch"
            ) from error


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-none"
