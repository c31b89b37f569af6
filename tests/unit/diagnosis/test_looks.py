"""Weights, disk, codecs, display and inputs of this machine, and of damaged ones."""

from __future__ import annotations

import json
import shutil
import time
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from streamdepth.diagnosis import inputs, media, storage
from streamdepth.diagnosis.finding import Grade
from streamdepth.errors import SourceError, SourceMissing
from streamdepth.models.registry import MIDAS_SMALL
from streamdepth.models.weights.bundled import damaged_files, write_sums
from streamdepth.models.weights.store import DATA
from streamdepth.sources.camera.identity import Camera
from streamdepth.sources.camera.v4l2 import Mode


@pytest.fixture
def package(tmp_path):
    return shutil.copytree(DATA, tmp_path / "data")


def test_the_sums_in_the_package_are_those_of_its_files():
    assert damaged_files() == []
    listed = {line.split()[1] for line in (DATA / "SHA256SUMS").read_text().splitlines()}
    assert {path.name for path in DATA.iterdir() if path.suffix in (".onnx", ".safetensors")} <= listed


def test_sums_that_are_written_fit(package):
    (package / "nano.onnx").write_bytes(b"retrained")
    write_sums(package)
    assert damaged_files(package) == []


def test_damaged_and_missing_weights_are_a_problem(package):
    file = package / "nano.onnx"
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)
    (package / "nano.safetensors").unlink()
    (finding,) = storage.bundled_weights(package)
    assert finding.grade is Grade.PROBLEM
    assert set(finding.facts["damaged"]) == {"nano.onnx", "nano.safetensors"}


def test_weights_without_sums_are_a_problem(package):
    (package / "SHA256SUMS").unlink()
    assert storage.bundled_weights(package)[0].grade is Grade.PROBLEM


def test_the_cache_is_told_with_sizes_and_room(tmp_path):
    (tmp_path / "model-small-70d6b9c8.pt").write_bytes(bytes(3_000_000))
    weights, contents, room = storage.cache(tmp_path)
    assert "3 MB" in weights.text
    assert contents.facts["files"] == {"model-small-70d6b9c8.pt": 3_000_000}
    assert room.facts["free_bytes"] > 0


def test_weights_that_are_not_here_are_told_with_why_they_did_not_come_and_both_ways_to_get_them(tmp_path):
    stamp = {"at": time.time() - 600, "what": "the weights of midas-small could not be fetched: timed out"}
    (tmp_path / "midas-small.failed.json").write_text(json.dumps(stamp))
    weights, *_ = storage.cache(tmp_path)
    assert weights.text == f"midas-small is not here: {stamp['what']}, 10 min ago"
    assert "streamdepth models fetch midas-small" in weights.cure
    assert f"{MIDAS_SMALL.urls[0]} by other means" in weights.cure


def test_a_cache_that_is_not_made_yet_is_empty(tmp_path):
    _, contents, room = storage.cache(tmp_path / "a" / "b")
    assert contents.facts["bytes"] == 0
    assert room.facts["free_bytes"] > 0
    assert not (tmp_path / "a").exists()


def test_little_room_is_noted_with_a_cure(tmp_path, monkeypatch):
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1_000_000))
    *_, room = storage.cache(tmp_path)
    assert (room.grade, "--cache-dir" in room.cure) == (Grade.NOTE, True)


def test_a_clip_is_really_written_and_read():
    (finding,) = media.codecs()
    assert finding.facts == {"h264": True}


def test_pictures_that_get_lost_are_a_problem(monkeypatch):
    monkeypatch.setattr(media, "_decoded", lambda clip: 3)
    (finding,) = media.codecs()
    assert (finding.grade, finding.text) == (Grade.PROBLEM, "of 5 pictures written as H.264 3 came back")


def test_a_machine_without_a_display_is_noted(monkeypatch):
    from streamdepth.sinks.window import sink as window

    monkeypatch.setattr(window, "display_available", lambda environ: False)
    (finding,) = media.display({})
    assert (finding.grade, finding.facts) == (Grade.NOTE, {"window": False})


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
        import time

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
    assert "sends a camera" in finding.text
    assert finding.facts == {"kind": "browser", "live": True}
