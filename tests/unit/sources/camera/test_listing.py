"""The cameras of a machine: a temporary folder stands for /sys and /dev, and a table for the drivers."""

from __future__ import annotations

import errno
from fractions import Fraction
from types import SimpleNamespace

import av
import cv2
import pytest

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.sources.camera import probe as _camera_probe
from streamdepth.sources.camera.identity import Camera
from streamdepth.sources.camera.listing import LinuxDevices, find_camera, table
from streamdepth.sources.camera.v4l2 import Capabilities, Mode

MODES = (
    Mode("MJPG", 1280, 720, (Fraction(30), Fraction(15))),
    Mode("MJPG", 640, 480, (Fraction(30000, 1001),)),
    Mode("YUYV", 640, 480),
)


class Machine:
    def __init__(self, folder):
        self.classes, self.dev = folder / "sys", folder / "dev"
        self.dev.mkdir()
        self.drivers = {}

    def plug_in(self, number, name, link="", *, captures=True, trouble=0):
        entry, node = self.classes / f"video{number}", self.dev / f"video{number}"
        entry.mkdir(parents=True)
        (entry / "name").write_text(name + "\n")
        node.touch()
        self.drivers[node] = trouble or Capabilities(name, "usb-1", captures, MODES if captures else ())
        if link:
            place = self.dev / "v4l" / link
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(node)
        return node

    def query(self, path):
        answer = self.drivers[path]
        if isinstance(answer, int):
            raise OSError(answer, "Permission denied")
        return answer

    def cameras(self):
        return LinuxDevices(self.classes, self.dev, self.query).cameras()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_without_cameras_the_list_is_empty(machine):
    assert machine.cameras() == []


def test_cameras_come_by_number_with_name_and_lasting_path(machine):
    second = machine.plug_in(10, "C920", "by-id/usb-Logitech-index0")
    machine.plug_in(2, "Integrated Camera", "by-path/pci-1")
    first, other = machine.cameras()
    assert (first.number, first.name) == (2, "Integrated Camera")
    assert first.stable_path == machine.dev / "v4l/by-path/pci-1"
    assert (other.number, other.path, other.modes) == (10, second, MODES)


def test_the_path_by_identity_is_preferred_to_the_one_by_place(machine):
    node = machine.plug_in(0, "C920", "by-id/usb-Logitech")
    (machine.dev / "v4l/by-path").mkdir()
    (machine.dev / "v4l/by-path/pci-1").symlink_to(node)
    assert machine.cameras()[0].stable_path == machine.dev / "v4l/by-id/usb-Logitech"


def test_device_files_that_do_not_capture_are_left_out(machine):
    machine.plug_in(0, "C920")
    machine.plug_in(1, "C920", captures=False)
    assert [camera.number for camera in machine.cameras()] == [0]


def test_a_camera_that_may_not_be_asked_is_listed_with_the_reason(machine):
    machine.plug_in(0, "C920", trouble=errno.EACCES)
    assert machine.cameras()[0].trouble == "Permission denied"
    assert "cannot be asked: permission denied" in table(machine.cameras())[1]


def test_where_sysfs_is_hidden_the_device_files_are_found_all_the_same(machine):
    machine.plug_in(0, "C920")
    for path in (machine.classes / "video0" / "name", machine.classes / "video0"):
        path.unlink() if path.is_file() else path.rmdir()
    assert [(camera.number, camera.name) for camera in machine.cameras()] == [(0, "C920")]


def test_the_table_tells_sizes_and_rates(machine):
    machine.plug_in(0, "C920", "by-id/usb-Logitech")
    assert table(machine.cameras()) == [
        f"0  C920  {machine.dev}/v4l/by-id/usb-Logitech",
        "   MJPG  1280x720 at 30, 640x480 at 29.97",
        "   YUYV  640x480",
    ]


@pytest.fixture
def three(machine):
    machine.plug_in(0, "Integrated Camera")
    machine.plug_in(2, "HD Pro Webcam C920", "by-id/usb-046d_C920")
    machine.plug_in(4, "HD Pro Webcam C930", "by-id/usb-046d_C930")
    return machine.cameras()


@pytest.mark.parametrize(
    ("wanted", "number"),
    [(0, 0), ("2", 2), ("c920", 2), ("INTEGRATED", 0), ("hd pro webcam c930", 4)],
)
def test_a_camera_is_found_by_number_and_by_part_of_its_name(three, wanted, number):
    assert find_camera(wanted, three).number == number


def test_a_camera_is_found_by_any_of_its_paths(machine, three):
    assert find_camera(str(machine.dev / "video2"), three).number == 2
    assert find_camera(str(machine.dev / "v4l/by-id/usb-046d_C930"), three).number == 4


def test_a_whole_name_is_no_part_of_a_longer_one():
    cameras = [Camera(0, "Camera"), Camera(1, "Camera 2")]
    assert find_camera("camera", cameras).number == 0


def test_a_part_of_several_names_is_an_error_that_names_them(three):
    with pytest.raises(
        SourceError, match=r"may be any of 2 \(HD Pro Webcam C920\), 4 \(HD Pro Webcam C930\)"
    ):
        find_camera("webcam", three)


def test_an_unknown_camera_is_an_error_that_names_those_there_are(three):
    with pytest.raises(SourceMissing, match=r"no camera brio .*there are 0 \(Integrated Camera\), 2 "):
        find_camera("brio", three)
    with pytest.raises(SourceMissing, match="no camera is connected"):
        find_camera("7", [])


def test_elsewhere_what_ffmpeg_lists_is_taken(monkeypatch):
    devices = [
        SimpleNamespace(name="mic", description="Microphone", media_types=["audio"]),
        SimpleNamespace(name="0", description="FaceTime HD Camera", media_types=["video"]),
    ]
    monkeypatch.setattr(av, "enumerate_input_devices", lambda name: devices if name == "avfoundation" else [])
    assert _camera_probe.cameras_elsewhere("darwin") == [Camera(0, "FaceTime HD Camera")]


def test_where_ffmpeg_lists_none_the_first_numbers_are_tried_and_let_go(monkeypatch):
    released = []

    class Device:
        def __init__(self, number):
            self.number = number

        def isOpened(self):  # noqa: N802
            return self.number < 2

        def get(self, what):
            return {cv2.CAP_PROP_FRAME_WIDTH: 640.0, cv2.CAP_PROP_FRAME_HEIGHT: 480.0}[what]

        def release(self):
            released.append(self.number)

    monkeypatch.setattr(cv2, "VideoCapture", Device)
    found = _camera_probe.cameras_elsewhere("win32")  # this FFmpeg has no DirectShow: a real refusal
    assert [(camera.number, camera.modes[0].width) for camera in found] == [(0, 640), (1, 640)]
    assert released == [0, 1, 2]
