"""The folder of a run: its files, whether it may be used, and whether a run in it is the same one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2

from streamdepth.errors import SinkError, UsageError, WeightsError
from streamdepth.training.files import whole_file
from streamdepth.training.settings import RunSettings
from streamdepth.values import dataclass

Identity = Mapping[str, str]
"""What must be the same for a resumed run to be the unbroken one, by the names of the options."""


@dataclass(frozen=True)
class RunFolder:
    """The files of a run."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        """All that a resume needs."""
        return self.path / "checkpoint.pt"

    @property
    def log(self) -> Path:
        """One row a step."""
        return self.path / "log.csv"

    @property
    def curve(self) -> Path:
        """The log as a picture."""
        return self.path / "curve.png"

    def sheet(self, step: int) -> Path:
        """What the held-out pictures look like after a step."""
        return self.path / f"validation-{step:06d}.png"


def choose_folder(settings: RunSettings) -> RunFolder:
    """The run's folder; nothing is made yet.

    Raises `UsageError` where another run is in it, `WeightsError` where there is none to resume, and `SinkError`
    where the output's folder is missing.
    """
    output, folder = settings.output, RunFolder(settings.run_folder())
    if not output.parent.is_dir():
        raise SinkError(f"there is no folder {output.parent} for {output.name}", "create it first")
    if output.is_dir():
        raise SinkError(f"{output} is a folder", "name a file in it")
    if folder.checkpoint.exists() and not settings.resume:
        raise UsageError(
            f"{folder.path} already holds a run", "add --resume to continue it, or name another --folder"
        )
    if settings.resume and not folder.checkpoint.is_file():
        raise WeightsError(f"there is no checkpoint {folder.checkpoint}", "start without --resume")
    return folder


def check_identity(before: Identity, now: Identity, folder: Path) -> None:
    """Refuse to go on with another run: `WeightsError` for another network, `UsageError` for other options."""
    if before.get("model") != now["model"]:
        raise WeightsError(
            f"the checkpoint in {folder} is of {before.get('model', 'another network')}, not of {now['model']}",
            "name its --model, or another --folder",
        )
    name = next((name for name in now if before.get(name) != now[name]), None)
    if name is not None:
        raise UsageError(
            f"the run in {folder} was started with another {name}: {before.get(name)}, not {now[name]}",
            "repeat the options it was started with, or name another --folder",
        )


def write_png(path: Path, picture: cv2.typing.MatLike) -> None:
    """Write an (H, W, 3) uint8 BGR picture. Raises `DiskFull` or `SinkError` where that fails."""
    _, encoded = cv2.imencode(".png", picture)
    with whole_file(path) as file:
        file.write(encoded.tobytes())
