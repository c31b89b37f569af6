"""Settings of a fine-tuning run: one frozen group a purpose. No torch here, so that help stays quick."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Literal

from streamdepth.errors import UsageError
from streamdepth.models.input_sizes import STRIDE
from streamdepth.values import dataclass

LossName = Literal["ssi", "l1", "berhu"]
DeviceName = Literal["auto", "cpu", "cuda"]

DEFAULT_STEPS = 1000
VALIDATION = 0.1


@dataclass(frozen=True)
class DataSettings:
    """How the pairs are divided into those to learn from and those to judge by."""

    split: Path | None = None
    """A text file that names the colour pictures to hold out, one per line, relative to DATA."""
    validation: float = VALIDATION
    """Share of the pairs to hold out without --split: the last ones by name."""
    cap: float = 10.0
    """Depth in metres beyond which held-out pictures are not judged: 10 indoors, 80 on the road."""
    skip_unusable: bool = False
    """Leave out pairs that cannot be used, instead of refusing to start."""

    def __post_init__(self) -> None:
        """Raise `UsageError` for a value that makes no sense."""
        if not 0 < self.validation < 1:
            raise UsageError(f"--validation {self.validation:g} is not a share", "use one such as 0.1")
        if self.split is not None and self.validation != VALIDATION:
            raise UsageError("--split and --validation exclude each other", "name one of them")
        if not 0 < self.cap < math.inf:
            raise UsageError(f"--cap {self.cap:g} is not a depth", "use metres, such as 10")


@dataclass(frozen=True)
class LearningSettings:
    """How the network learns."""

    size: str | None = None
    """Input size in training, WxH, multiples of 32 (default: as in use at 256)."""
    steps: int | None = None
    """How many batches to learn from (default 1000)."""
    epochs: int | None = None
    """Passes over all pictures, instead of --steps."""
    batch: int = 8
    """Pictures per step; where they do not fit into memory they are processed in pieces."""
    loss: LossName = "ssi"
    """The scale-and-shift-invariant loss of MiDaS, or l1 or berhu on aligned inverse depth."""
    learning_rate: float | None = None
    """The highest (default: 3e-4 for nano, 1e-4 for midas-small)."""
    freeze_encoder: bool = False
    """Train the decoder only."""
    seed: int = 1
    """Seed of all random choices: the same seed gives the same run."""
    device: DeviceName = "auto"
    """Device to train on; auto is the GPU where PyTorch sees one."""

    def __post_init__(self) -> None:
        """Raise `UsageError` for a value that makes no sense."""
        if self.steps is not None and self.epochs is not None:
            raise UsageError("--steps and --epochs exclude each other", "name one of them")
        for name in ("steps", "epochs", "batch"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UsageError(f"--{name} {value} trains nothing", "use 1 or more")
        if self.learning_rate is not None and not 0 < self.learning_rate < 1:
            raise UsageError(f"--learning-rate {self.learning_rate:g} makes no sense", "try 1e-4")
        if self.seed < 0:
            raise UsageError(f"--seed {self.seed} is below 0", "use 0 or more")
        if self.view_size() == (STRIDE, STRIDE) and self.batch == 1:
            raise UsageError(
                f"--batch 1 of {STRIDE}x{STRIDE} pixels is a single value at the network's coarsest step, and it needs "
                "the mean of several",
                "use a larger --size or --batch",
            )

    def view_size(self) -> tuple[int, int] | None:
        """`size` as (width, height). Raises `UsageError` unless both are multiples of 32."""
        if self.size is None:
            return None
        match = re.fullmatch(r"(\d{1,4})x(\d{1,4})", self.size)
        width, height = map(int, match.groups()) if match else (0, 0)
        if not width or not height or width % STRIDE or height % STRIDE:
            raise UsageError(
                f"--size {self.size} is not WxH in multiples of {STRIDE}", "use one such as 256x192"
            )
        return width, height

    def total_steps(self, pictures: int) -> int:
        """Steps of the whole run over so many pictures."""
        if self.epochs is not None:
            return math.ceil(self.epochs * pictures / self.batch)
        return self.steps or DEFAULT_STEPS


@dataclass(frozen=True)
class RunSettings:
    """Where the run leaves what it makes."""

    output: Path = Path("weights.safetensors")
    """The best weights so far, for --model FILE."""
    folder: Path | None = None
    """Checkpoint, log, curve and pictures of the run (default: beside the output, named after it)."""
    resume: bool = False
    """Continue from the checkpoint in the run's folder, with the same options."""
    checkpoint_minutes: float = 5.0
    """Minutes between two checkpoints; one more is written at the end and at Ctrl-C."""
    validate_every: int | None = None
    """Steps between two looks at the held-out pictures (default: 20 looks in all)."""

    def __post_init__(self) -> None:
        """Raise `UsageError` for a value that makes no sense."""
        if self.output.suffix.lower() != ".safetensors":
            raise UsageError(
                f"the output {self.output} is not a .safetensors file", "name it weights.safetensors"
            )
        if not 0 <= self.checkpoint_minutes < math.inf:
            raise UsageError(f"--checkpoint-minutes {self.checkpoint_minutes:g} makes no sense", "use 5")
        if self.validate_every is not None and self.validate_every < 1:
            raise UsageError(f"--validate-every {self.validate_every} makes no sense", "use 1 or more")

    def run_folder(self) -> Path:
        """The folder of the run."""
        return self.folder or self.output.with_name(f"{self.output.stem}-run")

    def validation_interval(self, steps: int) -> int:
        """Steps between two looks at the held-out pictures, for a run of `steps`."""
        return self.validate_every or math.ceil(steps / 20)


@dataclass(frozen=True)
class FineTuneSettings:
    """All of a run."""

    data: DataSettings = DataSettings()
    learning: LearningSettings = LearningSettings()
    run: RunSettings = RunSettings()
