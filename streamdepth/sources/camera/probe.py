"""The cameras of macOS and Windows, where there are no device files to look at."""

from __future__ import annotations

import sys

import av
import av.error
import cv2

from streamdepth.sources.camera.identity import Camera
from streamdepth.sources.camera.v4l2 import Mode

_FFMPEG_NAMES = {"darwin": "avfoundation", "win32": "dshow"}
_MOST = 10


def cameras_elsewhere(platform: str = sys.platform) -> list[Camera]:
    """What FFmpeg lists, in its order; where it lists nothing, what OpenCV can open.

    That both count alike is how their backends for these systems are written; it is not promised.
    """
    return _listed(_FFMPEG_NAMES.get(platform, "")) or _opened()


def _listed(format_name: str) -> list[Camera]:
    enumerate_devices = getattr(av, "enumerate_input_devices", None)  # PyAV 14 has it not
    if enumerate_devices is None or not format_name:
        return []
    try:
        devices = enumerate_devices(format_name)
    except (ValueError, av.error.FFmpegError):  # this FFmpeg was built without the format, or it cannot list
        return []
    videos = [device for device in devices if "video" in device.media_types]
    return [Camera(number, device.description or device.name) for number, device in enumerate(videos)]


def _opened() -> list[Camera]:
    """The numbers from 0 that OpenCV opens, to the first that it does not."""
    cameras: list[Camera] = []
    for number in range(_MOST):
        capture = cv2.VideoCapture(number)
        try:
            if not capture.isOpened():
                return cameras
            cameras.append(Camera(number, f"camera {number}", modes=(_present_mode(capture),)))
        finally:
            capture.release()
    return cameras


def _present_mode(capture: cv2.VideoCapture) -> Mode:
    width, height = (int(capture.get(size)) for size in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    return Mode("now", width, height)
