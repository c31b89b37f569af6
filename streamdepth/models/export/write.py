"""From a torch network to a file that holds graph and weights: ONNX, TorchScript or OpenVINO.

Whatever the format, the file takes float32 (N, 3, H, W), normalised, of any N, H and W that the network takes, and
gives float32 (N, H, W). It appears under its name when it is whole.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from streamdepth.errors import ModelError
from streamdepth.files import promote
from streamdepth.models.export.conversions import package_version, part_of
from streamdepth.models.export.formats import NetworkFormat, weights_file
from streamdepth.models.metadata import METADATA_KEY, Metadata
from streamdepth.models.registry import ModelCard

if TYPE_CHECKING:
    from torch import Tensor, nn

INPUT, OUTPUT = "image", "depth"
"""Names in the ONNX file: `image` (N, 3, H, W) and `depth` (N, H, W), float32, every size but the 3 free."""
METADATA_FILE = f"{METADATA_KEY}.json"
"""Name of the metadata in the archive of a TorchScript file."""
_OPSET = 18
_EXAMPLE = (1, 3, 64, 96)  # the smallest that still has more than one pixel at stride 32, and is not square


def can_export() -> bool:
    """Whether the packages that `write_onnx` needs are installed."""
    return importlib.util.find_spec("onnx") is not None


def write_network(
    form: NetworkFormat,
    network: nn.Module,
    path: Path,
    metadata: Metadata | None = None,
    *,
    half: bool = False,
) -> None:
    """Write a network in a format, with its metadata inside; `half` keeps OpenVINO's weights in 16 bits.

    Raises `ModelError` where the network cannot be exported and `OSError` where the file cannot be written.
    """
    if half:
        write_openvino(network, path, metadata, half=True)
    else:
        _WRITERS[form](network, path, metadata)


def make_metadata(card: ModelCard, sha256: str) -> Metadata:
    """The metadata of what this installation exports from the weights with this hash."""
    return Metadata(card, sha256, package_version("streamdepth"))


def write_onnx(network: nn.Module, path: Path, metadata: Metadata | None = None) -> None:
    """Write one ONNX file; see `write_network`."""
    with part_of(path) as part:
        _export_onnx(network, part)
        if metadata is not None:
            _describe_onnx(part, metadata)
        promote(part, path)


def write_torchscript(network: nn.Module, path: Path, metadata: Metadata | None = None) -> None:
    """Write a traced and frozen TorchScript file, its weights in channels-last order; see `write_network`."""
    import torch

    with part_of(path) as part, _exporting("TorchScript"):
        # PyTorch's stubs know memory_format for tensors only.
        network = network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # PyTorch types no such call
        with torch.no_grad():
            example = _example().contiguous(memory_format=torch.channels_last)
            traced = torch.jit.trace(network, example, check_trace=False)  # type: ignore[no-untyped-call]  # PyTorch gives it no types
            frozen = torch.jit.freeze(traced)
        with part.open("wb") as file:
            torch.jit.save(frozen, file, _extra_files={METADATA_FILE: metadata.to_json() if metadata else ""})
        promote(part, path)


def write_openvino(
    network: nn.Module, path: Path, metadata: Metadata | None = None, *, half: bool = False
) -> None:
    """Write OpenVINO's `.xml` with the weights in the `.bin` beside it; see `write_network`."""
    from streamdepth.models.export.openvino_library import import_openvino, openvino_core

    openvino = import_openvino()
    with TemporaryDirectory(prefix=f"{path.stem}.", dir=path.parent) as folder:
        onnx, part = Path(folder) / "network.onnx", Path(folder) / "network.xml"
        _export_onnx(network, onnx)
        with _exporting("OpenVINO"):
            model = openvino_core().read_model(onnx)
            if metadata is not None:
                model.set_rt_info(metadata.to_json(), METADATA_KEY)
            openvino.save_model(model, part, compress_to_fp16=half)
        path.unlink(missing_ok=True)  # never the graph of one network beside the weights of another
        promote(weights_file(part), weights_file(path))
        promote(part, path)


def _export_onnx(network: nn.Module, path: Path) -> None:
    import torch

    if not can_export():
        raise ModelError("conversion to ONNX needs the package onnx", "pip install onnx")
    free = {INPUT: {0: "n", 2: "height", 3: "width"}, OUTPUT: {0: "n", 1: "height", 2: "width"}}
    with _exporting("ONNX"):
        # The older exporter: the newer one takes twelve times as long for midas-small (28 s and 2.3 s on two
        # cores), needs one package more, and ONNX Runtime runs both files equally fast.
        torch.onnx.export(
            network.eval(),
            (_example(),),
            path,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes=free,
            opset_version=_OPSET,
            dynamo=False,
        )


def _describe_onnx(path: Path, metadata: Metadata) -> None:
    import onnx

    model = onnx.load(path)
    onnx.helper.set_model_props(model, {METADATA_KEY: metadata.to_json()})
    onnx.save(model, path)


def _example() -> Tensor:
    import torch

    return torch.zeros(_EXAMPLE)


@contextmanager
def _exporting(what: str) -> Iterator[None]:
    """Turn what goes wrong into `ModelError`; that the ways of export used here are the older ones is no news."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (RuntimeError, TypeError, ValueError) as error:
            raise ModelError(
                f"the network cannot be exported to {what}: {error}", "use --engine torch"
            ) from error


_WRITERS: dict[NetworkFormat, Callable[[nn.Module, Path, Metadata | None], None]] = {
    NetworkFormat.TORCHSCRIPT: write_torchscript,
    NetworkFormat.ONNX: write_onnx,
    NetworkFormat.OPENVINO: write_openvino,
}
