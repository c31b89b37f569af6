"""What a driver says of a camera; a made-up driver answers in the kernel's layouts, stated here a second time."""

from __future__ import annotations

import ctypes
import errno
import sys
from fractions import Fraction

import pytest

from streamdepth.sources.camera import v4l2 as _v4l2
from streamdepth.sources.camera.v4l2 import Capabilities, Mode, query

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Video4Linux is Linux's")

U32 = ctypes.c_uint32


class Capability(ctypes.Structure):
    _fields_ = [
        ("driver", ctypes.c_char * 16), ("card", ctypes.c_char * 32), ("bus_info", ctypes.c_char * 32),
        ("version", U32), ("capabilities", U32), ("device_caps", U32), ("reserved", U32 * 3),
    ]  # fmt: skip


class FormatDescription(ctypes.Structure):
    _fields_ = [
        ("index", U32), ("type", U32), ("flags", U32), ("description", ctypes.c_char * 32),
        ("pixelformat", U32), ("mbus_code", U32), ("reserved", U32 * 3),
    ]  # fmt: skip


class FrameSize(ctypes.Structure):
    _fields_ = [
        ("index", U32), ("pixel_format", U32), ("type", U32), ("union", U32 * 6), ("reserved", U32 * 2)
    ]  # fmt: skip


class FrameInterval(ctypes.Structure):
    _fields_ = [
        ("index", U32), ("pixel_format", U32), ("width", U32), ("height", U32), ("type", U32),
        ("union", U32 * 6), ("reserved", U32 * 2),
    ]  # fmt: skip


def fourcc(code):
    return int.from_bytes(code.encode(), sys.byteorder)


class FakeDriver:
    """`formats` maps a code to sizes, each with its frame intervals; a size of six numbers is a range."""

    def __init__(self, formats, capabilities=0x84200001, device_caps=0x04200001, buffers=1):
        self.formats, self.capabilities, self.device_caps = formats, capabilities, device_caps
        self.buffers, self.asked = buffers, []

    def __call__(self, file, request, buffer):
        self.asked.append(request)
        {
            _v4l2.QUERYCAP: self.capability,
            _v4l2.ENUM_FORMATS: self.format,
            _v4l2.ENUM_SIZES: self.size,
            _v4l2.ENUM_INTERVALS: self.interval,
        }[request](buffer)

    def capability(self, buffer):
        told = Capability.from_buffer(buffer)
        told.driver, told.card, told.bus_info = b"uvcvideo", b"HD Pro Webcam C920", b"usb-0000:00:14.0-3"
        told.capabilities, told.device_caps = self.capabilities, self.device_caps

    def format(self, buffer):
        told = FormatDescription.from_buffer(buffer)
        assert told.type == self.buffers
        told.pixelformat = fourcc(self.one(list(self.formats), told.index))

    def size(self, buffer):
        told = FrameSize.from_buffer(buffer)
        size = self.one(list(self.sizes(told.pixel_format)), told.index)
        told.type = 1 if len(size) == 2 else 3
        told.union[: len(size)] = size

    def interval(self, buffer):
        told = FrameInterval.from_buffer(buffer)
        sizes = self.sizes(told.pixel_format)
        intervals = sizes.get((told.width, told.height), next(iter(sizes.values())))
        interval = self.one(intervals, told.index)
        told.type = 1 if len(interval) == 2 else 2
        told.union[: len(interval)] = interval

    def sizes(self, code):
        return next(sizes for name, sizes in self.formats.items() if fourcc(name) == code)

    @staticmethod
    def one(things, index):
        if index >= len(things):
            raise OSError(errno.EINVAL, "Invalid argument")
        return things[index]


@pytest.fixture
def node(tmp_path):
    path = tmp_path / "video0"
    path.touch()
    return path


def test_the_requests_are_those_of_the_kernel():
    wanted = (0x80685600, 0xC0405602, 0xC02C564A, 0xC034564B)
    assert wanted == (_v4l2.QUERYCAP, _v4l2.ENUM_FORMATS, _v4l2.ENUM_SIZES, _v4l2.ENUM_INTERVALS)
    layouts = (Capability, FormatDescription, FrameSize, FrameInterval)
    assert [request >> 16 & 0x3FFF for request in wanted] == [ctypes.sizeof(layout) for layout in layouts]


def test_name_bus_sizes_and_rates_are_read(node):
    driver = FakeDriver(
        {
            "MJPG": {(1280, 720): [(1, 60), (1, 30)], (640, 480): [(1001, 30000)]},
            "YUYV": {(640, 480): [(1, 30)]},
        }
    )
    assert query(node, driver) == Capabilities(
        "HD Pro Webcam C920",
        "usb-0000:00:14.0-3",
        captures=True,
        modes=(
            Mode("MJPG", 1280, 720, (Fraction(60), Fraction(30))),
            Mode("MJPG", 640, 480, (Fraction(30000, 1001),)),
            Mode("YUYV", 640, 480, (Fraction(30),)),
        ),
    )


def test_of_a_range_of_sizes_and_rates_the_ends_are_told(node):
    sizes = {(32, 1920, 2, 16, 1080, 2): [(1, 60, 1, 5, 1, 60)]}
    able = query(node, FakeDriver({"YU12": sizes}))
    rates = (Fraction(60), Fraction(5))
    assert able.modes == (Mode("YU12", 32, 16, rates), Mode("YU12", 1920, 1080, rates))


def test_a_file_for_metadata_alone_does_not_capture_and_is_not_asked_for_formats(node):
    driver = FakeDriver({}, device_caps=0x00800000)  # the device captures, this node of it does not
    assert query(node, driver).captures is False
    assert driver.asked == [_v4l2.QUERYCAP]


def test_an_old_driver_that_does_not_tell_the_nodes_apart_counts_as_a_whole(node):
    assert query(node, FakeDriver({}, capabilities=0x04000001, device_caps=0)).captures is True


def test_a_camera_with_several_planes_is_asked_for_those(node):
    driver = FakeDriver({"NV12": {(640, 480): []}}, device_caps=0x00001000, buffers=9)
    assert query(node, driver).modes == (Mode("NV12", 640, 480),)


def test_a_driver_that_never_says_no_more_is_not_asked_for_ever(node):
    driver = FakeDriver({"MJPG": {(640, 480): []}})
    driver.one = lambda things, index: things[0] if things else (1, 30)
    assert len(query(node, driver).modes) == _v4l2._MOST**2


def test_a_driver_that_fails_is_an_error_and_the_file_is_closed(node, monkeypatch):
    closed = []
    close = _v4l2.os.close
    monkeypatch.setattr(_v4l2.os, "close", lambda file: (closed.append(file), close(file)))

    def gone(file, request, buffer):
        raise OSError(errno.ENODEV, "No such device")

    with pytest.raises(OSError, match="No such device"):
        query(node, gone)
    assert len(closed) == 1


def test_a_real_file_that_is_no_camera_answers_with_an_error():
    from pathlib import Path

    with pytest.raises(OSError, match="ioctl"):
        query(Path("/dev/null"))
