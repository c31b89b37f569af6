"""A camera; a made-up capture object stands for the hardware and OpenCV's driver, and for nothing else."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.errors import SourceError, SourceMissing, SourceTimeout
from streamdepth.frames import Frame
from streamdepth.pixels import I420
from streamdepth.sources.camera.source import READ_TIMEOUT, CameraSource

STEP = 20


class Driver:
    """Sends pictures that grow brighter by `STEP`; refuses and fails as told."""

    def __init__(self, size: tuple[int, int] = (32, 24), fps: float = 30.0, opens: bool = True) -> None:
        self.now = 50.0
        self.size, self.fps, self.opens = size, fps, opens
        self.asked: list[tuple[int, float]] = []
        self.released = 0
        self.count = 0
        self.seconds_per_grab = 0.02
        self.grabs_that_fail: set[int] = set()
        self.empty = False
        self.broken = False

    def __call__(self) -> float:
        return self.now

    def isOpened(self) -> bool:  # noqa: N802
        return self.opens

    def set(self, propId: int, value: float) -> bool:  # noqa: N803
        self.asked.append((propId, value))
        if propId == cv2.CAP_PROP_FRAME_WIDTH:
            self.size = (int(value), self.size[1])
        return propId != cv2.CAP_PROP_READ_TIMEOUT_MSEC

    def get(self, propId: int) -> float:  # noqa: N803
        return self.fps if propId == cv2.CAP_PROP_FPS else 0.0

    def grab(self) -> bool:
        if self.broken:
            raise cv2.error("the driver is gone")
        self.now += self.seconds_per_grab
        self.count += 1
        return self.count not in self.grabs_that_fail

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        self.now += 0.004
        width, height = self.size
        return True, None if self.empty else np.full((height, width, 3), self.count * STEP, np.uint8)

    def release(self) -> None:
        self.released += 1


def plugged_in(folder: Path) -> Path:
    file = folder / "video0"
    file.touch()
    return file


def open_with(driver: Driver, **wishes: object) -> CameraSource:
    return CameraSource(0, open_capture=lambda device: driver, clock=driver, **wishes)  # type: ignore[arg-type]


def number(frame: Frame) -> float:
    """Which picture of the driver's it is; a level more or less is lost between BGR and planes."""
    return round(float(frame.bgr.mean()) / STEP, 1)


def test_pictures_become_planes_once_for_all_stages() -> None:
    frame = open_with(Driver()).read()
    assert frame is not None
    assert isinstance(frame.picture.native, I420)


def test_it_is_a_live_source_of_the_size_of_its_pictures() -> None:
    info = open_with(Driver(size=(48, 30))).info
    assert (info.width, info.height, info.live, info.kind) == (48, 30, True, "camera")
    assert info.read_timeout == READ_TIMEOUT


def test_frames_are_counted_and_stamped_right_after_the_grab() -> None:
    driver = Driver()
    source = open_with(driver)
    began = driver.now
    first, second = source.read(), source.read()
    assert first is not None
    assert second is not None
    assert (first.index, second.index) == (0, 1)
    assert first.captured_at == pytest.approx(began + 0.02)
    assert (first.pts, float(second.pts)) == (0, pytest.approx(0.024, abs=1e-4))
    assert (number(first), number(second)) == (2, 3)


def test_it_asks_for_mjpg_first_then_the_wishes_and_a_buffer_of_one() -> None:
    driver = Driver()
    source = open_with(driver, size=(64, 24), rate=Fraction(15))
    names = [name for name, _ in driver.asked]
    asked = dict(driver.asked)
    assert names[0] == cv2.CAP_PROP_FOURCC
    assert asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")
    assert (asked[cv2.CAP_PROP_FRAME_WIDTH], asked[cv2.CAP_PROP_FRAME_HEIGHT]) == (64, 24)
    assert asked[cv2.CAP_PROP_FPS] == 15
    assert asked[cv2.CAP_PROP_BUFFERSIZE] == 1
    assert asked[cv2.CAP_PROP_READ_TIMEOUT_MSEC] == READ_TIMEOUT * 1000
    assert source.info.width == 64


def test_without_wishes_the_camera_keeps_its_own_size_and_rate() -> None:
    driver = Driver()
    open_with(driver)
    assert {cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FPS}.isdisjoint(name for name, _ in driver.asked)


@pytest.mark.parametrize(
    ("told", "exact"),
    [
        (30.0, Fraction(30)),
        (29.97, Fraction(30000, 1001)),
        (23.976, Fraction(24000, 1001)),
        (7.5, Fraction(15, 2)),
        (0.0, None),
        (-1.0, None),
        (float("nan"), None),
    ],
)
def test_the_rate_is_exact_or_unknown(told: float, exact: Fraction | None) -> None:
    assert open_with(Driver(fps=told)).info.rate == exact


def test_a_picture_that_lay_in_the_buffer_while_nobody_read_is_not_handed_out() -> None:
    driver = Driver()
    source = open_with(driver)
    driver.now += 3.0
    frame = source.read()
    assert frame is not None
    assert number(frame) == 3
    assert frame.index == 0


def test_a_single_failed_grab_is_passed_over() -> None:
    driver = Driver()
    source = open_with(driver)
    driver.grabs_that_fail = {2}
    frame = source.read()
    assert frame is not None
    assert number(frame) == 3


def test_a_camera_that_sends_empty_pictures_is_an_error_with_a_cure() -> None:
    driver = Driver()
    source = open_with(driver)
    driver.empty = True
    with pytest.raises(SourceError, match=r"camera 0 sends no pictures \(check its cable"):
        source.read()


def test_a_camera_that_falls_silent_times_out() -> None:
    driver = Driver()
    source = open_with(driver)
    driver.seconds_per_grab = 10.0
    driver.grabs_that_fail = set(range(2, 50))
    with pytest.raises(SourceTimeout, match="camera 0 sent no picture for 5 s"):
        source.read()
    assert driver.count == 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="device files are a matter of Linux")
@pytest.mark.parametrize("how", ["fails", "raises"])
def test_a_camera_that_is_unplugged_is_told_from_one_that_is_slow(tmp_path: Path, how: str) -> None:
    driver, file = Driver(), plugged_in(tmp_path)
    source = CameraSource(str(file), name="C920", open_capture=lambda device: driver, clock=driver)
    assert source.read() is not None
    driver.grabs_that_fail = {2}
    assert source.read() is not None  # a failed grab alone says nothing
    file.unlink()
    driver.grabs_that_fail, driver.broken = set(range(4, 50)), how == "raises"
    with pytest.raises(SourceMissing, match=r"camera C920 was unplugged \(plug it in again\)"):
        source.read()


def test_an_error_of_the_driver_becomes_ours() -> None:
    driver = Driver()
    source = open_with(driver)
    driver.broken = True
    with pytest.raises(SourceError, match="camera 0 failed") as caught:
        source.read()
    assert isinstance(caught.value.__cause__, cv2.error)


def test_a_camera_that_cannot_be_opened_is_missing_and_let_go() -> None:
    driver = Driver(opens=False)
    with pytest.raises(SourceMissing, match="no camera 0 that can be opened"):
        open_with(driver)
    assert driver.released == 1


def test_a_camera_that_opens_but_sends_nothing_is_let_go() -> None:
    driver = Driver()
    driver.empty = True
    with pytest.raises(SourceError, match="sends no pictures"):
        open_with(driver)
    assert driver.released == 1


def test_closing_lets_the_camera_go() -> None:
    driver = Driver()
    open_with(driver).close()
    assert driver.released == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="device files are a matter of Linux")
@pytest.mark.parametrize("device", [9876, "/dev/video9876"])
def test_a_device_file_that_is_not_there_is_told_without_noise(
    device: int | str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(
        SourceMissing, match=f"there is no camera {device} .*(there are|no camera is connected)"
    ):
        CameraSource(device)
    assert capfd.readouterr() == ("", "")
