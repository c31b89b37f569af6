"""How depth is to be written, and what is said of where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from streamdepth.depthfiles.spool_file import SpoolFile
from streamdepth.protocols import Notify, silent
from streamdepth.values import dataclass


def _nothing() -> Mapping[str, Any]:
    return {}


def _never() -> bool:
    return False


@dataclass(frozen=True)
class DepthOptions:
    """How depth is to be written."""

    raw: bool = False
    """What the network gave; else what is shown, which is steadied where the renderer does that."""
    size: str = "network"
    """`network`, or `source`: of the picture, with its bars."""
    range: str | None = None
    """`clip` or `frame`; None is `clip` for what goes on in time, and `frame` for pictures of their own."""
    format: str = "png"
    """Of the files in a folder: their suffix without the dot."""
    fov: float | None = None
    """Degrees that the camera sees from left to right, where that is known."""
    camera: str = "camera"
    """What messages call the camera that they come from."""
    origin: Callable[[], Mapping[str, Any]] = _nothing
    """Model and settings as JSON, asked for when the first map is there."""
    is_stopped: Callable[[], bool] = _never
    """Whether the run is being ended from outside: then what takes long is left."""
    notify: Notify = silent
    """Gets one line where there is much to be done at the end."""
    spool: SpoolFile | None = None
    """Where maps wait, if a later run may go on with them; None is a file of its own, for that run alone."""
