"""TorchScript on the CPU: PyTorch without Python between the layers."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from streamdepth.engine.runtimes.torch import TorchRuntime
from streamdepth.errors import ModelError
from streamdepth.models.export.write import LABEL_FILE


class TorchScriptRuntime(TorchRuntime):
    """A `Runtime` for a frozen TorchScript file, which is a program: a file is to be trusted like one."""

    name = "torchscript"

    def __init__(self, path: Path, threads: int | None = None) -> None:
        extra = {LABEL_FILE: ""}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of TorchScript itself
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
        self.label = _text(extra[LABEL_FILE])
        """JSON; empty where there is none."""


def _text(content: str | bytes) -> str:
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else content
