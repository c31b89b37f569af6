from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from estimates import estimate
from virtual_cameras import DEVICE, FakeCamera, plug_in

from streamdepth.errors import SinkError, UsageError
from streamdepth.frames import Rendered
from streamdepth.pixels import Picture
from streamdepth.sinks import open_sink
from streamdepth.sinks.virtual_camera import package as opening
from streamdepth.sinks.virtual_camera.sink import VirtualCameraSink


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> list[FakeCamera]:
    """Those that were opened so far."""
    return plug_in(monkeypatch)


def shown(width: int, height: int, level: int = 200, aspect: Fraction = Fraction(1)) -> Rendered:
    """A rendered picture of one grey level."""
    of = estimate()
    frame = replace(of.frame, pixel_aspect=aspect)
    picture = Picture.of_bgr(np.full((height, width, 3), level, np.uint8))
    return Rendered(replace(of, frame=frame), picture)


def test_pictures_get_to_those_who_look_at_the_camera(cameras: list[FakeCamera]) -> None:
    sink = VirtualCameraSink((64, 48), Fraction(25))
    assert sink.device == DEVICE
    for level in (10, 20):
        sink.write(shown(64, 48, level))
    sink.close()
    (camera,) = cameras
    assert (camera.size, camera.rate, camera.is_open) == ((64, 48), 25.0, False)
    assert [picture[0, 0].tolist() for picture in camera.pictures] == [[10] * 3, [20] * 3]


def test_a_picture_of_another_size_or_shape_stands_between_bars(cameras: list[FakeCamera]) -> None:
    sink = VirtualCameraSink((64, 48))
    sink.write(shown(128, 48))
    sink.write(shown(32, 48, aspect=Fraction(2)))
    wide, anamorphic = cameras[0].pictures
    assert wide[:11].max() == 0
    assert wide[13:35].min() == 200
    assert anamorphic.min() == 200
    assert cameras[0].rate == 30.0


def test_sides_are_even_since_programs_take_planes_of_half_the_size(cameras: list[FakeCamera]) -> None:
    sink = open_sink("virtual-camera", None, size=(65, 1))
    sink.write(shown(65, 1))
    assert cameras[0].size == (64, 2)


def test_what_the_camera_says_of_itself_becomes_one_sentence(
    cameras: list[FakeCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = VirtualCameraSink((64, 48), device=DEVICE)
    cameras[0].fails = True
    with pytest.raises(SinkError, match=r"accepts no pictures any more: the device is gone \(check that"):
        sink.write(shown(64, 48))
    with pytest.raises(
        SinkError, match=r"^the virtual camera cam2 cannot be used: Device cam2 does not exist \("
    ):
        VirtualCameraSink((64, 48), device="cam2")
    monkeypatch.setattr(FakeCamera, "__init__", _refuses("Could not access it due to missing permissions."))
    with pytest.raises(SinkError, match=r"may not be written to: .* \(sudo usermod -aG video"):
        VirtualCameraSink((64, 48))
    busy = "Virtual camera device /dev/video7 could not be configured: Device or resource busy"
    monkeypatch.setattr(FakeCamera, "__init__", _refuses(busy))
    with pytest.raises(
        SinkError, match=r"not free: .*/dev/video7 .*busy \(end the program that feeds it, or"
    ):
        VirtualCameraSink((64, 48))


def _refuses(line: str):
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError(line)

    return refuse


@pytest.mark.parametrize(("system", "cure"), [("linux", "modprobe v4l2loopback"), ("win32", "install OBS")])
def test_where_there_is_none_the_cure_is_that_of_the_system(
    cameras: list[FakeCamera], monkeypatch: pytest.MonkeyPatch, system: str, cure: str
) -> None:
    monkeypatch.setattr(FakeCamera, "__init__", _refuses("No device found."))
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(SinkError, match=rf"^there is no virtual camera on this machine \(.*{cure}"):
        VirtualCameraSink((64, 48))
    assert cameras == []


def test_without_the_package_the_cure_is_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pyvirtualcam \(pip install pyvirtualcam\)$"):
        open_sink("virtual-camera", None, size=(64, 48))
