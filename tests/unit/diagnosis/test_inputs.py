"""The inputs of this machine, and what one of them gives when it is opened."""

from __future__ import annotations

import time
from fractions import Fraction
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest
from made_by_hand import MadeByHand

from streamdepth.diagnosis import inputs
from streamdepth.diagnosis.finding import Grade
from streamdepth.errors import NoFrameYet, SourceError, SourceMissing
from streamdepth.sources.camera.identity import Camera
from streamdepth.sources.camera.v4l2 import Mode


@pytest.fixture
def cameras(monkeypatch):
    there = []
    monkeypatch.setattr(inputs, "list_cameras", lambda: there)
    return there


def test_cameras_are_told_with_their_largest_size(cameras):
    assert inputs.cameras()[0].facts == {"cameras": 0}
    modes = (Mode("MJPG", 640, 480), Mode("MJPG", 1920, 1080))
    cameras += [Camera(0, "C920", modes=modes), Camera(2, "C930", trouble="Permission denied")]
    first, second = inputs.cameras()
    assert first.text == "0 (C920), up to 1920x1080"
    assert (second.grade, second.text) == (Grade.NOTE, "2 (C930): permission denied")


def test_a_file_is_opened_and_measured(cameras, tmp_path):
    path = tmp_path / "street.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10):
            picture = np.zeros((48, 64, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    (finding,) = inputs.given_input(str(path))
    assert (finding.facts["width"], finding.facts["height"], finding.facts["rate"]) == (64, 48, "25")
    assert finding.facts["measured_rate"] > 0
    assert finding.grade is Grade.FINE


class Slow(MadeByHand):
    """Says before each picture that there is none yet, as a camera of one picture a second."""

    says_so = False

    def draw(self, index):
        return np.full((48, 64, 3), index, np.uint8)

    def read(self):
        self.says_so = not self.says_so
        if self.says_so:
            raise NoFrameYet
        return super().read()


def test_between_the_pictures_of_a_slow_camera_is_waited(monkeypatch):
    monkeypatch.setattr(inputs, "_open", lambda _wanted: Slow(4))
    (finding,) = inputs.given_input("rtsp://cam/1")
    assert finding.facts["measured_rate"] > 0


def test_a_camera_that_falls_silent_is_measured_all_the_same(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(inputs, "time", SimpleNamespace(monotonic=lambda: now[0]))

    class Silent(Slow):
        def read(self):
            now[0] += 0.25
            if self._index == 2:
                raise NoFrameYet
            return super().read()

    monkeypatch.setattr(inputs, "_open", lambda _wanted: Silent(4))
    (finding,) = inputs.given_input("rtsp://cam/1")
    assert finding.facts["measured_rate"] == 2.0


def test_what_came_while_a_camera_was_opened_is_no_part_of_its_rate(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(inputs, "time", SimpleNamespace(monotonic=lambda: now[0]))

    class Behind(Slow):
        def read(self):
            now[0] += 0.001 if self._index < 20 else 0.125  # each second call gives a picture
            return super().read()

    monkeypatch.setattr(inputs, "_open", lambda _wanted: Behind(100))
    (finding,) = inputs.given_input("rtsp://cam/1")
    assert finding.facts["measured_rate"] == 4.0
    assert finding.grade is Grade.NOTE, "25 are announced"


def animation(count: int) -> bytes:
    film = cv2.Animation()
    film.frames = [np.full((8, 8, 4), 20 + number % 200, np.uint8) for number in range(count)]
    film.durations = np.full(count, 50)
    return bytes(cv2.imencodeanimation(".png", film)[1])


def test_damage_at_the_end_of_a_long_animation_is_told(cameras, tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "MOST", 5)
    path = tmp_path / "a.png"
    path.write_bytes(animation(30))
    (fine,) = inputs.given_input(str(path))
    assert (fine.grade, fine.facts["rate"]) == (Grade.FINE, "20")
    path.write_bytes(animation(30)[:-40])
    _, told = inputs.given_input(str(path))
    assert (told.grade, told.text) == (
        Grade.NOTE,
        f"{path} is damaged after 29 pictures; the rest was left out",
    )
    _, told = inputs.given_input(path.as_uri())
    assert told.text.endswith(f"{path} is damaged after 29 pictures; the rest was left out")


def test_where_a_very_long_one_was_not_looked_at_is_told(cameras, tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "MOST", 5)
    monkeypatch.setattr(inputs, "LOOKED_THROUGH", -1.0)
    path = tmp_path / "a.png"
    path.write_bytes(animation(30)[:-40])
    _, told = inputs.given_input(str(path))
    assert told.text == f"{path}: whether it is whole after 0.3 s was not checked, which would take longer"


def test_an_image_has_no_rate(cameras, tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((8, 8, 3), np.uint8))
    (finding,) = inputs.given_input(str(tmp_path / "a.png"))
    assert finding.facts["measured_rate"] is None


def test_what_cannot_be_opened_raises_its_own_error(cameras, tmp_path):
    with pytest.raises(SourceMissing, match=r"no\.mp4"):
        inputs.given_input(str(tmp_path / "no.mp4"))
    with pytest.raises(SourceError, match="refused") as caught:
        inputs.given_input("rtsp://me:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)


class SlowCamera:
    """Sends half of what it promises; its clock is the real one, its time is not long."""

    def __init__(self):
        from streamdepth.frames import SourceInfo

        self.info = SourceInfo(64, 48, Fraction(1000), live=True, read_timeout=5.0, kind="camera")
        self.closed, self.left = False, 20

    def read(self):

        end = time.monotonic() + 0.005
        while time.monotonic() < end:
            pass
        self.left -= 1
        return self if self.left >= 0 else None

    def close(self):
        self.closed = True


def test_a_camera_named_in_part_is_opened_and_one_that_is_slow_is_noted(cameras, monkeypatch):
    cameras.append(Camera(0, "HD Webcam C920"))
    camera = SlowCamera()
    monkeypatch.setattr(inputs, "open_camera", lambda wanted: camera)
    (finding,) = inputs.given_input("c920")
    assert finding.grade is Grade.NOTE
    assert "cameras slow down in the dark" in finding.cure
    assert camera.closed


def test_there_is_nothing_to_open_where_browsers_send():
    (finding,) = inputs.given_input("browser")
    assert "the camera is sent by" in finding.text
    assert finding.facts == {"kind": "browser", "live": True}
