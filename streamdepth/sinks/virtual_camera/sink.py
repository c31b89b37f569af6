"""Pictures for a virtual camera: what other programs of this machine take for one that is plugged in."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any, Literal

from streamdepth.errors import SinkError
from streamdepth.frames import Rendered
from streamdepth.imaging.letterbox import letterboxed_image
from streamdepth.sinks.virtual_camera.package import require_package

USUAL_RATE = 30.0
"""Pictures a second that programs see for an input that does not say."""
LEAST_SIDE = 2


class VirtualCameraSink:
    """Gives every picture to a virtual camera, which holds the last one for programs that open it later.

    `size` (width, height) is that of its pictures, made even; a picture of another size stands between black bars in
    it, since programs do not take a camera that changes its size. `device` is `/dev/video7`, or what the camera is
    called; None takes the first. Raises `UsageError` without the package pyvirtualcam, and `SinkError` where there is
    no such camera or another program feeds it.
    """

    is_for_viewers: Literal[True] = True

    def __init__(
        self, size: tuple[int, int], rate: Fraction | None = None, device: str | None = None
    ) -> None:
        require_package()
        width, height = (max(LEAST_SIDE, side - side % 2) for side in size)
        self._size = width, height
        self._camera = _opened(self._size, USUAL_RATE if rate is None else float(rate), device)

    @property
    def device(self) -> str:
        """What other programs choose: `/dev/video7`, or a name."""
        return str(self._camera.device)

    def write(self, rendered: Rendered) -> None:
        """Show one picture; raises `SinkError` where the camera takes none."""
        aspect = rendered.estimate.frame.pixel_aspect
        image = letterboxed_image(rendered.picture, self._size, aspect)
        try:
            self._camera.send(image)
        except RuntimeError as error:
            raise SinkError(
                f"the virtual camera {self.device} accepts no pictures any more: {_first_line(error)}",
                "check that it is still there, and start again",
            ) from error

    def close(self, *, complete: bool = True) -> None:
        """Leave the camera to others."""
        self._camera.close()


def _opened(size: tuple[int, int], rate: float, device: str | None) -> Any:
    import pyvirtualcam

    # In BGR: what consumers take for the matrix of planes is up to each system, and the package knows it.
    bgr = pyvirtualcam.PixelFormat.BGR
    try:
        return pyvirtualcam.Camera(*size, rate, fmt=bgr, device=device)
    except RuntimeError as error:
        raise _not_there(error, device) from error


def _not_there(error: RuntimeError, device: str | None) -> SinkError:
    line = _first_line(error)
    if "permission" in line:
        return SinkError(
            f"the virtual camera may not be written to: {line}",
            "sudo usermod -aG video $USER, and log in again",
        )
    if device is None and "could not be configured" in line:
        return SinkError(
            f"the first virtual camera is not free: {line}",
            "end the program that feeds it, or name another with --virtual-device",
        )
    if device is not None:
        return SinkError(
            f"the virtual camera {device} cannot be used: {line}",
            "leave --virtual-device out to take the first, or name another",
        )
    return SinkError("there is no virtual camera on this machine", _cure())


def _cure() -> str:
    if sys.platform == "linux":
        return (
            "sudo modprobe v4l2loopback exclusive_caps=1 card_label=streamdepth; on Debian and Ubuntu it is in the "
            "package v4l2loopback-dkms"
        )
    return "install OBS, start its virtual camera once, and stop it again"


def _first_line(error: Exception) -> str:
    """What the package says, without the name of its backend before it."""
    line = str(error).strip().partition("\n")[0]
    return (line.partition("backend: ")[2] or line).rstrip(".")
