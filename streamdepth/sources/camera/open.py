"""Cameras of this machine by a number, a path, a word or a name."""

from __future__ import annotations

import re
from pathlib import Path

from streamdepth.protocols import Source
from streamdepth.sources.options import Kind, SourceOptions, Spec

_CAMERA_PATH = re.compile(r"/dev/(video\d|v4l/)")


def open_camera(wanted: int | str, options: SourceOptions | None = None) -> Source:
    """Open a camera by its number, its path, its name, or a part of its name; it comes back when plugged in again.

    Raises SourceMissing where there is no such camera, and SourceError where a part of a name fits several, another
    program holds the camera, or this user may not open it, unless `options.persistence` says to wait for it.
    """
    from streamdepth.sources.camera.opener import CameraOpener
    from streamdepth.sources.live.reconnecting import Persistence, open_reconnecting

    options = options or SourceOptions()
    options.limit.check_wanted(options.size)
    connect = CameraOpener(wanted, size=options.size, rate=options.rate)
    return open_reconnecting(
        connect,
        f"camera {wanted}",
        options.persistence or Persistence(),
        notify=options.notify,
        is_stopped=options.is_stopped,
        is_aside=False,  # macOS asks for permission on the main thread only
    )


def device_of(spec: Spec) -> int | str | None:
    """Number or path of the camera that is meant; None where none is."""
    if isinstance(spec, int):
        return spec
    text = str(spec)
    if spec == "camera":
        return 0
    if text.isdecimal() and not Path(text).exists():
        return int(text)
    return text if _CAMERA_PATH.match(text) else None


def _open(spec: Spec, options: SourceOptions) -> Source:
    return open_camera(_surely(device_of(spec)), options)


def _check(spec: Spec, _options: SourceOptions) -> None:
    from streamdepth.sources.camera.device_file import check_presence

    device = _surely(device_of(spec))
    check_presence(device, f"camera {device}")


def _surely(device: int | str | None) -> int | str:
    assert device is not None, "the registry has asked whether a camera is meant"
    return device


CAMERA = Kind(lambda spec: device_of(spec) is not None, _open, _check)
