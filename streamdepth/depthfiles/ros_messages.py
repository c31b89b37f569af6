"""Messages of ROS 2 as bytes, without ROS: the few of `sensor_msgs` that depth needs, in CDR (OMG formal/2002-06-51).

A value is aligned to its own size, counted from behind the four bytes that say little endian; a string has its length
with the zero that ends it, a sequence its length. REP 118 has metres in float32 (`32FC1`), where NaN is no reading.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from streamdepth.values import dataclass

_LITTLE_ENDIAN = b"\0\1\0\0"
_LINE = "=" * 80
_HEADER = {
    "std_msgs/Header": "builtin_interfaces/Time stamp\nstring frame_id",
    "builtin_interfaces/Time": "int32 sec\nuint32 nanosec",
}
_REGION = "uint32 x_offset\nuint32 y_offset\nuint32 height\nuint32 width\nbool do_rectify"


def _definition(fields: str, used: Mapping[str, str]) -> bytes:
    """A message with those that it uses, as `ros2msg` has it in MCAP."""
    more = "".join(f"\n{_LINE}\nMSG: {name}\n{text}" for name, text in used.items())
    return (fields + more).encode()


IMAGE = "sensor_msgs/msg/Image"
COMPRESSED_IMAGE = "sensor_msgs/msg/CompressedImage"
CAMERA_INFO = "sensor_msgs/msg/CameraInfo"
DEFINITIONS: Mapping[str, bytes] = {
    IMAGE: _definition(
        "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\n"
        "uint8[] data",
        _HEADER,
    ),
    COMPRESSED_IMAGE: _definition("std_msgs/Header header\nstring format\nuint8[] data", _HEADER),
    CAMERA_INFO: _definition(
        "std_msgs/Header header\nuint32 height\nuint32 width\nstring distortion_model\nfloat64[] d\nfloat64[9] k\n"
        "float64[9] r\nfloat64[12] p\nuint32 binning_x\nuint32 binning_y\nsensor_msgs/RegionOfInterest roi",
        _HEADER | {"sensor_msgs/RegionOfInterest": _REGION},
    ),
}
"""What each of these messages holds."""


def ros_word(name: str) -> str:
    """A name as ROS takes it in a topic: ASCII letters, digits and single `_`, no digit first. Two may become one."""
    word = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or "camera"
    return f"camera_{word}" if word[0].isdigit() else word


@dataclass(frozen=True)
class Stamp:
    """When and in which frame of coordinates something was seen."""

    nanoseconds: int
    frame: str


@dataclass(frozen=True)
class Lens:
    """A pinhole without distortion, in pixels of an image."""

    width: int
    height: int
    focal: tuple[float, float]
    centre: tuple[float, float]

    @classmethod
    def of(
        cls, degrees: float, size: tuple[int, int], place: tuple[int, int, int, int], shape: float
    ) -> Lens:
        """Of an image of `size`, in which a picture `degrees` wide and of `shape` (width over height) is at `place`.

        `place` is its left, top, width and height; the centre of the first pixel is at 0.
        """
        left, top, width, height = place
        across = width / 2 / math.tan(math.radians(degrees) / 2)
        down = across * shape * height / width
        return cls(*size, (across, down), (left + width / 2 - 0.5, top + height / 2 - 0.5))


def depth_image(stamp: Stamp, metres: NDArray[np.float32]) -> bytes:
    """`sensor_msgs/Image` of (h, w) metres in `32FC1`."""
    height, width = metres.shape
    written = _Cdr(stamp)
    written.numbers("II", height, width)
    written.text("32FC1")
    written.numbers("B", 0)
    written.numbers("I", width * 4)
    written.byte_array(np.ascontiguousarray(metres, "<f4").tobytes())
    return written.done()


def jpeg_image(stamp: Stamp, jpeg: bytes) -> bytes:
    """`sensor_msgs/CompressedImage`."""
    written = _Cdr(stamp)
    written.text("jpeg")
    written.byte_array(jpeg)
    return written.done()


def camera_info(stamp: Stamp, lens: Lens) -> bytes:
    """`sensor_msgs/CameraInfo`."""
    (fx, fy), (cx, cy) = lens.focal, lens.centre
    written = _Cdr(stamp)
    written.numbers("II", lens.height, lens.width)
    written.text("plumb_bob")
    written.numbers("I", 5)
    written.numbers("ddddd", *[0.0] * 5)
    written.numbers("d" * 9, fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0)
    written.numbers("d" * 9, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    written.numbers("d" * 12, fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0)
    written.numbers("IIIIII", 0, 0, 0, 0, 0, 0)
    written.numbers("B", 0)
    return written.done()


class _Cdr:
    """A message that begins with a `std_msgs/Header`."""

    def __init__(self, stamp: Stamp) -> None:
        self._data = bytearray(_LITTLE_ENDIAN)
        seconds, rest = divmod(stamp.nanoseconds, 1_000_000_000)
        self.numbers("iI", seconds, rest)
        self.text(stamp.frame)

    def numbers(self, forms: str, *values: float) -> None:
        """Each by its form of the `struct` module, aligned."""
        for form, value in zip(forms, values, strict=True):
            size = struct.calcsize(f"<{form}")
            self._data += bytes(-(len(self._data) - len(_LITTLE_ENDIAN)) % size)
            self._data += struct.pack(f"<{form}", value)

    def text(self, text: str) -> None:
        """A string."""
        self.byte_array(text.encode() + b"\0")

    def byte_array(self, data: bytes) -> None:
        """A sequence of bytes."""
        self.numbers("I", len(data))
        self._data += data

    def done(self) -> bytes:
        """All of it."""
        return bytes(self._data)
