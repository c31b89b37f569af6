"""TorchScript on the CPU: PyTorch without Python between the layers."""

from __future__ import annotations

import warnings
from pathlib import Path

from streamdepth.engine.backend import Backend, any_machine
from streamdepth.engine.runtimes.torch import TorchRuntime
from streamdepth.errors import ModelError
from streamdepth.models.export.formats import NetworkFormat
from streamdepth.models.export.write import METADATA_FILE
from streamdepth.models.registry import ModelCard


class TorchScriptRuntime(TorchRuntime):
    """A `Runtime` for a frozen TorchScript file, which is a program: a file is to be trusted like one."""

    name = "torchscript"

    def __init__(self, path: Path, threads: int | None = None) -> None:
        import torch

        extra = {METADATA_FILE: ""}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of TorchScript itself, in kinds that change
            try:
                network = torch.jit.load(  # type: ignore[no-untyped-call]  # PyTorch gives it no types
                    path, map_location="cpu", _extra_files=extra
                )
            except (RuntimeError, ValueError, OSError) as error:
                what = str(error).strip().partition("\n")[0]
                raise ModelError(
                    f"PyTorch cannot load {path}: {what}", "the file is damaged: export it again"
                ) from error
        super().__init__(network, threads)
        self.metadata = _text(extra[METADATA_FILE])


def _text(content: str | bytes) -> str:
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else content


def _open(path: Path, _card: ModelCard, _precision: str, threads: int | None) -> TorchScriptRuntime:
    return TorchScriptRuntime(path, threads)


BACKEND = Backend(
    name=TorchScriptRuntime.name,
    package="torch",
    rank=3,
    precisions={"fp32": any_machine},
    formats=(NetworkFormat.TORCHSCRIPT,),
    converts_to=NetworkFormat.TORCHSCRIPT,
    open=_open,
)
