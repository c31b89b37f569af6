"""The distances of a camera that is calibrated: read before the network is loaded, and compared with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.errors import UsageError
from streamdepth.reporting.report import EngineFacts

if TYPE_CHECKING:
    from streamdepth.metres.ruler import Ruler


def ruler_of(path: Path | None) -> Ruler | None:
    """What turns depth into metres, of the file that `--metres` names; raises `SourceError`."""
    if path is None:
        return None
    from streamdepth.metres.calibration import load_calibration
    from streamdepth.metres.ruler import Ruler

    return Ruler(load_calibration(path))


def check_calibrated_with(ruler: Ruler | None, engine: EngineFacts) -> None:
    """Raise `UsageError` where the distances were taken with another network: its scale is another."""
    if ruler is None or ruler.calibration.sha256 == engine.sha256:
        return
    raise UsageError(
        f"--metres was made with {ruler.calibration.model}, and this network, {engine.name}, is another or has other "
        "weights",
        "make it again with streamdepth metres",
    )
