"""One camera, opened as often as it comes back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Protocol

from streamdepth.errors import SourceMissing
from streamdepth.protocols import Source
from streamdepth.sources.camera import source as device_camera
from streamdepth.sources.camera.identity import Camera
from streamdepth.sources.camera.listing import find_camera, list_cameras


class OpenDevice(Protocol):
    """What opens a device: `CameraSource`, or a stand-in."""

    def __call__(
        self, device: int | str, *, name: str, size: tuple[int, int] | None, rate: Fraction | None
    ) -> Source:
        """Open a number or path; raises SourceError as `CameraSource` does."""


class CameraOpener:
    """Opens the camera that `wanted` means: a number, a path, a name, or a part of a name.

    The first call decides which camera that is. Every later call opens the same one, wherever it was plugged in
    again: by its lasting path, else by its name. So this is what a source that reconnects calls.
    """

    def __init__(
        self,
        wanted: int | str,
        *,
        size: tuple[int, int] | None = None,
        rate: Fraction | None = None,
        cameras: Callable[[], Sequence[Camera]] = list_cameras,
        open_device: OpenDevice | None = None,
    ) -> None:
        self._wanted = int(wanted) if isinstance(wanted, str) and wanted.isdecimal() else wanted
        self._size = size
        self._rate = rate
        self._cameras = cameras
        self._open_device = open_device or device_camera.CameraSource
        self._known: Camera | None = None

    def __call__(self) -> Source:
        """Open it. Raises SourceMissing while it is not plugged in, and SourceError as `CameraSource` does."""
        if self._known is None:
            self._known = self._choose()
            camera = self._known
        else:
            camera = self._again(self._known)
        if camera is None:
            return self._open(self._wanted, str(self._wanted))
        device = str(camera.path) if camera.path is not None else camera.number
        return self._open(device, camera.name if _is_name(self._wanted) else str(self._wanted))

    def _open(self, device: int | str, name: str) -> Source:
        return self._open_device(device, name=name, size=self._size, rate=self._rate)

    def _choose(self) -> Camera | None:
        """The camera that is meant; None where a number or a path must do, since there is no list to look it up in."""
        if _is_name(self._wanted):
            return find_camera(self._wanted, self._cameras())
        if not sys.platform.startswith("linux"):
            return None  # a list costs the opening of every camera there
        try:
            return find_camera(self._wanted, self._cameras())
        except SourceMissing:
            return None  # opening it says why

    def _again(self, known: Camera) -> Camera:
        for camera in self._cameras():
            if known.is_same(camera):
                return camera
        raise SourceMissing(f"camera {known.name} is not plugged in", "plug it in again")


def _is_name(wanted: int | str) -> bool:
    return isinstance(wanted, str) and not wanted.startswith("/")
