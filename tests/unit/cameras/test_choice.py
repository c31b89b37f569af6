from __future__ import annotations

import pytest

from streamdepth.batch.spec import BatchSpec
from streamdepth.cameras.choice import is_group, with_camera
from streamdepth.cameras.spec import CameraOptions
from streamdepth.run.spec import RunSpec, StreamSpec

LIVE = RunSpec(stream=StreamSpec(live=True))


@pytest.mark.parametrize(
    ("inputs", "cameras", "several"),
    [
        (["rtsp://a/1"], [], False),
        ([], ["0"], False),
        (["front=rtsp://a/1"], [], True),
        (["rtsp://a/1", "rtsp://b/1"], [], True),
        ([], ["0", "1"], True),
        (["rtsp://a/1"], ["0"], True),
        (["street.mp4", "yard.mp4"], [], False),
        (["street.mp4", "rtsp://a/1"], [], False),
        (["http://a/1.mp4", "https://a/2.WEBM?x=1"], [], False),
        (["http://a/1.mp4?x=1", "rtsp://a/1"], [], False),
        (["http://a/cam.mjpg", "http://a/live.ts"], [], True),
        (["http://a/download?id=7", "http://a/watch?v=a.mp4"], [], True),
    ],
)
def test_several_that_are_live_and_one_with_a_name_are_a_group(inputs, cameras, several):
    assert is_group(RunSpec(), BatchSpec(tuple(inputs)), CameraOptions(tuple(cameras))) is several


def test_files_are_when_they_are_played_like_cameras():
    assert is_group(LIVE, BatchSpec(("street.mp4", "yard.mp4")), CameraOptions())
    assert not is_group(LIVE, BatchSpec(("street.mp4",)), CameraOptions())


def test_one_camera_is_an_ordinary_run():
    assert with_camera(RunSpec(), CameraOptions(("0",))).input.camera == "0"
    assert with_camera(RunSpec(), CameraOptions()) == RunSpec()
