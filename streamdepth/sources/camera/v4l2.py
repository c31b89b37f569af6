"""What a Linux camera can do, asked of its driver by ioctl.

Numbers and layouts are those of the kernel's Video4Linux2 interface (`linux/videodev2.h`; "Video for Linux API",
functions QUERYCAP, ENUM_FMT, ENUM_FRAMESIZES and ENUM_FRAMEINTERVALS), which are the same on every architecture.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

from streamdepth.values import dataclass

_QUERYCAP = struct.Struct(
    "=16s32s32s3I12x"
)  # driver, card, bus, version, capabilities, capabilities of this node
_FORMAT = struct.Struct("=3I32s4s16x")  # index, buffer type, flags, description, code
_SIZE = struct.Struct(
    "=I4sI6I8x"
)  # index, code, type, then width and height, or least, most and step of both
_INTERVAL = struct.Struct(
    "=I4s3I6I8x"
)  # index, code, width, height, type, then a fraction, or least, most, step

_READ_WRITE, _READ = 3, 2
_CAPTURE, _CAPTURE_PLANES, _NODE_TELLS_ITS_OWN = 0x1, 0x1000, 0x8000_0000
_BUFFERS_OF_PICTURES, _BUFFERS_OF_PLANES = 1, 9
_DISCRETE = 1
_MOST = 32  # of formats, sizes or rates: a driver that never says "no more" is not listened to for ever

Ioctl = Callable[[int, int, bytearray], object]
"""`fcntl.ioctl`: (file, request, buffer that is filled in place); raises OSError as the driver answers."""


def _request(direction: int, number: int, layout: struct.Struct) -> int:
    """The request of an ioctl of Video4Linux: direction, size and number in one word (`asm-generic/ioctl.h`)."""
    return direction << 30 | layout.size << 16 | ord("V") << 8 | number


QUERYCAP = _request(_READ, 0, _QUERYCAP)
ENUM_FORMATS = _request(_READ_WRITE, 2, _FORMAT)
ENUM_SIZES = _request(_READ_WRITE, 74, _SIZE)
ENUM_INTERVALS = _request(_READ_WRITE, 75, _INTERVAL)


@dataclass(frozen=True)
class Mode:
    """One way in which a camera sends pictures."""

    encoding: str
    """Four letters, such as MJPG or YUYV."""
    width: int
    height: int
    rates: tuple[Fraction, ...] = ()
    """Frames per second, the fastest first; empty if the driver does not say."""


@dataclass(frozen=True)
class Capabilities:
    """What a driver says of one device file."""

    name: str
    bus: str
    """Where it is plugged in, such as usb-0000:00:14.0-3."""
    captures: bool
    """Whether pictures come out of it; cameras also have files for metadata alone."""
    modes: tuple[Mode, ...] = ()


def query(path: Path, ioctl: Ioctl | None = None) -> Capabilities:
    """What the device file can do. Raises OSError where it cannot be opened or is no video device."""
    file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _query(_Asked(file, ioctl or _ioctl()))
    finally:
        os.close(file)


def _ioctl() -> Ioctl:
    from fcntl import ioctl  # not there on Windows

    return lambda file, request, buffer: ioctl(file, request, buffer, True)


@dataclass(frozen=True)
class _Asked:
    """An open device file and the way to ask it."""

    file: int
    ioctl: Ioctl

    def ask(self, request: int, buffer: bytearray) -> bytearray:
        self.ioctl(self.file, request, buffer)
        return buffer

    def each(self, request: int, question: Callable[[int], bytes]) -> Iterator[bytearray]:
        """The answers to `question(0)`, `question(1)`, ... until the driver has no more or knows no such question."""
        for index in range(_MOST):
            try:
                yield self.ask(request, bytearray(question(index)))
            except OSError as error:
                if error.errno in (errno.EINVAL, errno.ENOTTY, errno.ENODATA):
                    return
                raise


def _query(device: _Asked) -> Capabilities:
    answer = device.ask(QUERYCAP, bytearray(_QUERYCAP.size))
    _, card, bus, _, whole, own = _QUERYCAP.unpack(answer)
    able = own if whole & _NODE_TELLS_ITS_OWN else whole
    captures = bool(able & (_CAPTURE | _CAPTURE_PLANES))
    buffers = _BUFFERS_OF_PICTURES if able & _CAPTURE else _BUFFERS_OF_PLANES
    modes = tuple(_modes(device, buffers)) if captures else ()
    return Capabilities(_text(card), _text(bus), captures, modes)


def _modes(device: _Asked, buffers: int) -> Iterator[Mode]:
    for code in _codes(device, buffers):
        for width, height in _sizes(device, code):
            yield Mode(_text(code).strip(), width, height, _rates(device, code, width, height))


def _codes(device: _Asked, buffers: int) -> list[bytes]:
    answers = device.each(ENUM_FORMATS, lambda index: _FORMAT.pack(index, buffers, 0, b"", b""))
    return [_FORMAT.unpack(answer)[4] for answer in answers]


def _sizes(device: _Asked, code: bytes) -> Iterator[tuple[int, int]]:
    """Every size where they are listed; the least and the most where any between them goes."""
    for answer in device.each(ENUM_SIZES, lambda index: _SIZE.pack(index, code, 0, *[0] * 6)):
        _, _, kind, *numbers = _SIZE.unpack(answer)
        if kind == _DISCRETE:
            yield numbers[0], numbers[1]
            continue
        least_width, most_width, _, least_height, most_height, _ = numbers
        yield least_width, least_height
        yield most_width, most_height
        return  # one answer describes them all


def _rates(device: _Asked, code: bytes, width: int, height: int) -> tuple[Fraction, ...]:
    """Of intervals, which are the inverse: the shortest and the longest where any between them goes."""
    rates: set[Fraction] = set()
    question = (code, width, height, 0, *[0] * 6)
    for answer in device.each(ENUM_INTERVALS, lambda index: _INTERVAL.pack(index, *question)):
        _, _, _, _, kind, *numbers = _INTERVAL.unpack(answer)
        pairs = [numbers[:2]] if kind == _DISCRETE else [numbers[:2], numbers[2:4]]
        rates |= {Fraction(below, above) for above, below in pairs if above and below}
        if kind != _DISCRETE:
            break
    return tuple(sorted(rates, reverse=True))


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace")
