"""The cameras of this machine: their numbers, names, lasting paths, sizes and rates; and which one is meant."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.sources.camera.identity import Camera
from streamdepth.sources.camera.v4l2 import Capabilities, Mode, query
from streamdepth.values import dataclass

Query = Callable[[Path], Capabilities]

_NO_CAMERA = "no camera is connected to this machine; streamdepth --input demo needs none"


@dataclass(frozen=True)
class LinuxDevices:
    """Where Linux keeps what is to be known of cameras."""

    classes: Path = Path("/sys/class/video4linux")
    dev: Path = Path("/dev")
    query: Query = query

    def cameras(self) -> list[Camera]:
        """Every device file that pictures come out of, or that could not be asked, by rising number."""
        stable = self._stable_paths()
        found = (self._camera(entry, stable) for entry in self._entries())
        return sorted((camera for camera in found if camera is not None), key=lambda camera: camera.number)

    def _entries(self) -> list[Path]:
        """The kernel's folder of each; where sysfs is hidden, as in some containers, the device files are all."""
        return list(self.classes.glob("video[0-9]*")) or list(self.dev.glob("video[0-9]*"))

    def _stable_paths(self) -> dict[Path, Path]:
        """From device file to the lasting name that udev gives it, the one by identity before the one by place."""
        links = [link for kind in ("by-path", "by-id") for link in (self.dev / "v4l" / kind).glob("*")]
        return {link.resolve(): link for link in links}

    def _camera(self, entry: Path, stable: dict[Path, Path]) -> Camera | None:
        path = self.dev / entry.name
        number = entry.name.removeprefix("video")
        if not number.isdecimal():
            return None
        stated = _first_line(entry / "name")
        try:
            able = self.query(path)
        except OSError as error:
            why = error.strerror or str(error)
            return Camera(int(number), stated or entry.name, path, stable.get(path.resolve()), trouble=why)
        if not able.captures:
            return None
        return Camera(
            int(number),
            stated or able.name or entry.name,
            path,
            stable.get(path.resolve()),
            able.bus,
            able.modes,
        )


def list_cameras() -> list[Camera]:
    """The cameras that are connected now. On Linux no camera is opened for pictures, and one in use is listed too.

    On macOS and Windows FFmpeg lists names; where it cannot, OpenCV opens the first numbers for a moment.
    """
    if sys.platform.startswith("linux"):
        return LinuxDevices().cameras()
    from streamdepth.sources.camera.probe import cameras_elsewhere

    return cameras_elsewhere()


def find_camera(wanted: int | str, cameras: Sequence[Camera]) -> Camera:
    """The camera that a number, a path, a name or a part of a name means.

    Upper and lower case are the same. Raises SourceMissing where there is none, SourceError where a part of a name
    fits several.
    """
    exact, partly = _matches(str(wanted), cameras)
    found = exact or partly
    if not found:
        raise SourceMissing(f"there is no camera {wanted}", those(cameras))
    if len(found) > 1:
        names = ", ".join(camera.label for camera in found)
        raise SourceError(
            f"camera '{wanted}' may be any of {names}", "name more of it, its number, or its path"
        )
    return found[0]


def those(cameras: Sequence[Camera]) -> str:
    """What there is instead, as the cure of an error."""
    if not cameras:
        return _NO_CAMERA
    return "there are " + ", ".join(camera.label for camera in cameras)


def table(cameras: Iterable[Camera]) -> list[str]:
    """Lines for a person: number, name and path of each camera, below it its sizes and rates."""
    return [line for camera in cameras for line in _lines(camera)]


def _matches(wanted: str, cameras: Sequence[Camera]) -> tuple[list[Camera], list[Camera]]:
    """The cameras that `wanted` names in full, and those it names in part."""
    if wanted.isdecimal():
        return [camera for camera in cameras if camera.number == int(wanted)], []
    if wanted.startswith("/"):
        here = Path(wanted).resolve()
        return [camera for camera in cameras if camera.path is not None and camera.path.resolve() == here], []
    word = wanted.casefold()
    exact = [camera for camera in cameras if camera.name.casefold() == word]
    return exact, [camera for camera in cameras if word in camera.name.casefold()]


def _lines(camera: Camera) -> list[str]:
    where = camera.stable_path or camera.path
    head = f"{camera.number}  {camera.name}" + (f"  {where}" if where else "")
    if camera.trouble:
        return [head, f"   cannot be asked: {camera.trouble.lower()}"]
    by_encoding = groupby(camera.modes, key=lambda mode: mode.encoding)
    return [head, *(f"   {encoding}  {', '.join(map(_mode, modes))}" for encoding, modes in by_encoding)]


def _mode(mode: Mode) -> str:
    rate = f" at {_decimal(mode.rates[0])}" if mode.rates else ""
    return f"{mode.width}x{mode.height}{rate}"


def _decimal(rate: Fraction) -> str:
    return f"{float(rate):.5g}"


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
