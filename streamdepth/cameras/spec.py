"""What is wanted of several cameras, as plain values."""

import re
from pathlib import Path

from streamdepth.errors import UsageError
from streamdepth.run.spec import RunSpec
from streamdepth.values import dataclass

_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}"
_NAMED = re.compile(rf"(?P<name>{_NAME})=(?P<input>.+)", re.S)

_MISNAMED = re.compile(r"(?P<name>[^=/:?]+)=[A-Za-z]+://.+", re.S)


@dataclass(frozen=True)
class CameraOptions:
    """Which cameras there are, beside those that are inputs of a batch."""

    camera: tuple[str, ...] = ()
    """Cameras by number, name or device path; one alone is an ordinary run."""
    cameras: Path | None = None
    """A .toml with a table for each camera."""
    allow_camera_changes: bool = False
    """Whether clients of the web service may add and remove cameras."""


@dataclass(frozen=True)
class CameraSpec:
    """One camera with its run."""

    name: str
    run: RunSpec


@dataclass(frozen=True)
class GroupSpec:
    """Cameras that run together."""

    cameras: tuple[CameraSpec, ...]
    common: RunSpec
    """What holds for all, with the places of their outputs as patterns: also for cameras that come later."""
    may_change: bool = False
    """Whether clients of the web service may add and remove cameras."""


def split_name(text: str) -> tuple[str | None, str]:
    """The name and the input of `front=rtsp://...`; None where no name is there.

    Raises `UsageError` where what stands before an address can be no name.
    """
    match = _NAMED.fullmatch(text)
    if match is None or Path(text).exists():
        if wrong := _MISNAMED.fullmatch(text):
            check_name(wrong["name"])
        return None, text
    return match["name"], match["input"]


def check_name(name: str) -> None:
    """Raise `UsageError` for what is no name of a camera: it stands in addresses and in names of files."""
    if re.fullmatch(_NAME, name) is None:
        raise UsageError(
            f"{name[:60]!r} cannot be the name of a camera",
            "take up to 40 letters, digits, - and _, as in front-door",
        )
