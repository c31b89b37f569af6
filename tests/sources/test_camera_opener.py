"""A camera that is opened again: the list of cameras and the opening are stand-ins."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.sources.camera import device_file as _device_file
from streamdepth.sources.camera.device_file import check_device, holders
from streamdepth.sources.camera.listing import Camera
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


@linux
def test_a_program_that_holds_a_device_is_named(tmp_path):
    file = tmp_path / "video0"
    file.touch()
    hold = "import sys; held = open(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        found = list(holders(file))
        process.stdin.close()
    assert len(found) == 1
    assert found[0].endswith(f"(process {process.pid})")


@linux
@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("EBUSY", r"camera C920 is in use .*sudo fuser -v"),
        ("EACCES", r"may not be opened: .* not readable and writable .*sudo usermod -aG \w+ \$USER"),
        ("ENODEV", r"there is no camera C920 that can be opened"),
        ("EIO", r"camera C920 cannot be opened: input/output error"),
    ],
)
def test_each_refusal_of_the_system_has_its_sentence_and_cure(monkeypatch, tmp_path, number, says):
    file = tmp_path / "video0"
    file.touch()
    code = getattr(_device_file.errno, number)

    def refuse(path, flags):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(_device_file.os, "open", refuse)
    with pytest.raises(SourceError, match=says):
        check_device(str(file), "camera C920")


@linux
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open everything")
def test_a_file_without_permission_says_which_group_helps(tmp_path):
    file = tmp_path / "video0"
    file.touch(mode=stat.S_IWUSR)
    with pytest.raises(SourceError, match="usermod"):
        check_device(str(file), "camera 0")
