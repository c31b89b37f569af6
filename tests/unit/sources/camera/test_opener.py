"""A camera that is opened again: the list of cameras and the opening are stand-ins."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from streamdepth.errors import SourceMissing
from streamdepth.sources.camera.identity import Camera
from streamdepth.sources.camera.opener import CameraOpener

C920 = Path("/dev/v4l/by-id/c920")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="device files are a matter of Linux")


class Cameras:
    def __init__(self, *cameras):
        self.plugged_in, self.opened = list(cameras), []

    def opener(self, wanted):
        return CameraOpener(wanted, cameras=lambda: self.plugged_in, open_device=self.open)

    def open(self, device, *, name, size, rate):
        self.opened.append((device, name))
        return self


def test_a_camera_named_in_part_is_opened_by_its_device_file():
    cameras = Cameras(Camera(2, "HD Pro Webcam C920", Path("/dev/video2")))
    cameras.opener("c920")()
    assert cameras.opened == [("/dev/video2", "HD Pro Webcam C920")]


@linux
def test_it_is_the_same_camera_that_comes_back_under_another_number():
    cameras = Cameras(Camera(0, "C920", Path("/dev/video0"), C920))
    opener = cameras.opener("0")
    opener()
    cameras.plugged_in = [
        Camera(0, "Other", Path("/dev/video0")),
        Camera(1, "C920", Path("/dev/video1"), C920),
    ]
    opener()
    assert [device for device, _ in cameras.opened] == ["/dev/video0", "/dev/video1"]


def test_without_a_lasting_path_the_name_decides():
    cameras = Cameras(Camera(0, "C920", Path("/dev/video0")))
    opener = cameras.opener("C920")
    opener()
    cameras.plugged_in = [Camera(3, "C920", Path("/dev/video3"))]
    opener()
    assert cameras.opened[-1][0] == "/dev/video3"


@linux
def test_while_it_is_away_another_camera_does_not_take_its_place():
    cameras = Cameras(Camera(0, "C920", Path("/dev/video0"), C920))
    opener = cameras.opener(0)
    opener()
    cameras.plugged_in = [Camera(0, "Other", Path("/dev/video0"))]
    with pytest.raises(SourceMissing, match=r"camera C920 is not plugged in \(plug it in again\)"):
        opener()
    assert len(cameras.opened) == 1


def test_a_number_that_no_list_knows_is_opened_as_it_is():
    cameras = Cameras()
    cameras.opener("5")()
    assert cameras.opened == [(5, "5")]


def test_a_name_that_no_camera_has_is_an_error():
    with pytest.raises(SourceMissing, match="no camera brio"):
        Cameras().opener("brio")()
