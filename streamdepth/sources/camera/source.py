"""A camera on this machine, through OpenCV."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from cv2.utils import logging as cv2_logging

from streamdepth.errors import SourceError, SourceMissing, SourceTimeout
from streamdepth.frames import Frame, SourceInfo
from streamdepth.pixels import BGRImage, Picture, sampled_i420
from streamdepth.sources.camera.device_file import cannot_open, check_device, device_file
from streamdepth.sources.timeline import LiveTimeline

READ_TIMEOUT = 5.0
"""Seconds without a picture after which a camera is given up."""

_IDLE = 0.5  # seconds without reading after which the picture that lies in the driver's buffer is an old one
_ATTEMPTS = 5


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool:  # noqa: N802 (as OpenCV calls it)
        """Whether there is a camera behind it."""

    def set(self, propId: int, value: float) -> bool:  # noqa: N803 (as OpenCV calls it)
        """Ask for a property; False where the driver does not know it."""

    def get(self, propId: int) -> float:  # noqa: N803 (as OpenCV calls it)
        """A property, 0 where the driver does not know it."""

    def grab(self) -> bool:
        """Wait for the next picture."""

    def retrieve(self) -> tuple[bool, Any]:
        """Decode the picture that was grabbed."""

    def release(self) -> None:
        """Let go of the camera."""


class CameraSource:
    """The pictures of a camera as they come; their timestamps are the seconds since the first one.

    `device` is its number, from 0, or its path (`/dev/video0`); `name` is what errors call it. `size` (width,
    height) and `rate` (frames per second) are wishes: `info` says what the camera agreed to. Motion JPEG is asked
    for, since over USB little else reaches the full rate at a large size, and a buffer of one picture, so that none
    is old.

    `read` gives a camera up after `READ_TIMEOUT` seconds without a picture. Where OpenCV's backend knows no such
    time-out the call itself lasts longer: 10 s on Linux (V4L2), without a bound elsewhere; the pipeline then leaves
    the thread behind.

    Raises SourceMissing where there is no such camera, or it was unplugged; SourceError where another program holds
    it, this user may not open it, or it sends no pictures; SourceTimeout where it fell silent.
    """

    def __init__(
        self,
        device: int | str = 0,
        *,
        name: str = "",
        size: tuple[int, int] | None = None,
        rate: Fraction | None = None,
        open_capture: Callable[[int | str], Capture] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = f"camera {name or device}"
        self._file = _existing(device_file(device))
        self._clock = clock
        self._timeline = LiveTimeline()
        self._last = clock()
        cv2_logging.setLogLevel(cv2_logging.LOG_LEVEL_SILENT)
        try:
            self._capture = open_capture(device) if open_capture else _open_capture(device, self._name)
        except cv2.error as error:
            raise cannot_open(device, self._name) from error
        try:
            self._info = self._prepare(device, size, rate)
        except BaseException:
            self.close()
            raise

    @property
    def info(self) -> SourceInfo:
        """What the camera agreed to; live, kind `camera`."""
        return self._info

    def read(self) -> Frame | None:
        """The newest picture; a camera does not end. Raises SourceError or SourceTimeout when it stops sending."""
        if self._clock() - self._last > _IDLE:
            self._next_picture()
        captured_at, image = self._next_picture()
        index, pts = self._timeline.place(captured_at)
        return Frame(index, pts, captured_at, Picture.of_i420(sampled_i420(image)))

    def close(self) -> None:
        """Let go of the camera."""
        self._capture.release()

    def _prepare(self, device: int | str, size: tuple[int, int] | None, rate: Fraction | None) -> SourceInfo:
        if not self._capture.isOpened():
            raise cannot_open(device, self._name)
        _ask_for(self._capture, size, rate)
        _, first = self._next_picture()  # its size is the truth, whatever the driver says
        return SourceInfo(
            width=first.shape[1],
            height=first.shape[0],
            rate=_rate(self._capture.get(cv2.CAP_PROP_FPS)),
            live=True,
            read_timeout=READ_TIMEOUT,
            kind="camera",
        )

    def _next_picture(self) -> tuple[float, BGRImage]:
        """When it was there, and the next picture that is not empty."""
        began = self._clock()
        for _ in range(_ATTEMPTS):
            grabbed = self._grab()
            if grabbed is not None:
                self._last = grabbed[0]
                return grabbed
            self._check_plugged_in()
            if self._clock() - began > READ_TIMEOUT:
                raise SourceTimeout(
                    f"{self._name} sent no picture for {READ_TIMEOUT:g} s", "unplug it and plug it in again"
                )
        raise SourceError(
            f"{self._name} sends no pictures",
            "check its cable, its shutter and that no other program uses it, or ask for a smaller size",
        )

    def _check_plugged_in(self) -> None:
        """Distinguish a camera that is gone from a slow one: its device file is removed with it."""
        if self._file is not None and not self._file.exists():
            raise SourceMissing(f"{self._name} was unplugged", "plug it in again")

    def _grab(self) -> tuple[float, BGRImage] | None:
        try:
            if not self._capture.grab():
                return None
            captured_at = self._clock()
            done, image = self._capture.retrieve()
        except cv2.error as error:
            self._check_plugged_in()
            raise SourceError(
                f"{self._name} failed: {error.err or error}", "unplug it and plug it in again"
            ) from error
        if not done or image is None or not image.size:
            return None
        return captured_at, np.asarray(image, dtype=np.uint8)


def _existing(path: Path | None) -> Path | None:
    return path if path is not None and path.exists() else None


def _open_capture(device: int | str, name: str) -> Capture:
    linux = sys.platform.startswith("linux")
    if linux:
        check_device(device, name)
    return cv2.VideoCapture(device, cv2.CAP_V4L2 if linux else cv2.CAP_ANY)


def _ask_for(capture: Capture, size: tuple[int, int] | None, rate: Fraction | None) -> None:
    """State every wish, the encoding first since the sizes on offer depend on it; a driver ignores what it cannot."""
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    if size is not None:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    if rate is not None:
        capture.set(cv2.CAP_PROP_FPS, float(rate))
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    capture.set(cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT * 1000)


def _rate(stated: float) -> Fraction | None:
    """The exact rate behind a driver's decimal number: 29.97 is 30000/1001."""
    if not math.isfinite(stated) or stated <= 0:
        return None
    whole, ntsc = Fraction(round(stated)), Fraction(round(stated * 1.001) * 1000, 1001)
    for usual, doubt in ((whole, 0.001), (ntsc, 0.005)):
        if abs(stated - usual) < doubt:
            return usual
    return Fraction(stated).limit_denominator(100) or None
