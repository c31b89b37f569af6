"""Whole runs of a measured camera: metres in every file, and none once it was moved."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest
from engine_loading import KNOWN_NETWORK
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory

from streamdepth.cli.app import _exit_status
from streamdepth.sinks.depth.ros_bag import Names

NAMES = Names.of("camera")
WIDTH, HEIGHT = 160, 96
SHIFT = 24
FRAMES = 12


@pytest.fixture
def hall(tmp_path):
    """Twelve pictures of a room, of which the last six are of a camera that was turned; its distances are known."""
    random = np.random.default_rng(4)
    wide = cv2.resize(random.integers(20, 220, (14, 30, 3)).astype(np.uint8), (WIDTH + SHIFT, HEIGHT))
    light = np.linspace(0.5, 1.0, HEIGHT)[:, None, None]
    room = (wide * light).astype(np.uint8)
    with av.open(str(tmp_path / "hall.mkv"), "w") as out:
        stream = out.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "bgr0"
        for index in range(FRAMES):
            left = 0 if index < FRAMES // 2 else SHIFT
            picture = np.ascontiguousarray(room[:, left : left + WIDTH])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        out.mux(stream.encode(None))
    distances = np.linspace(6, 1.5, HEIGHT, dtype=np.float32)[:, None].repeat(WIDTH, axis=1)
    np.save(tmp_path / "truth.npy", distances)
    return tmp_path


def streamdepth(capfd, *words):
    status = _exit_status([*map(str, words), *KNOWN_NETWORK, "--size", "64"])
    return status, capfd.readouterr().err


def test_metres_are_written_until_the_camera_is_moved_and_it_is_told_why(capfd, hall):
    film, kept = hall / "hall.mkv", hall / "hall.metres"
    status, _ = streamdepth(capfd, "metres", film, "--depth", hall / "truth.npy", "--output", kept)
    assert status == 0
    output = ("--metres", kept, "--depth-output", hall / "hall.mcap", "--fov", "70")
    status, told = streamdepth(capfd, "--input", film, *output)
    assert status == 0, told
    assert "the depth of 6 pictures was left out: the camera was moved since its distances were taken" in told
    with (hall / "hall.mcap").open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        images = list(reader.iter_decoded_messages(topics=[NAMES.depth]))
        lenses = list(reader.iter_decoded_messages(topics=[NAMES.lens]))
    assert [one[2].log_time for one in images] == [n * 100_000_000 for n in range(FRAMES // 2)]
    assert len(lenses) == FRAMES // 2
    image = images[0][3]
    metres = np.frombuffer(bytes(image.data), "<f4").reshape(image.height, image.width)
    assert np.isfinite(metres).any()
    assert metres.min() > 0


def test_points_and_ros_of_depth_without_a_unit(capfd, hall):
    film = hall / "hall.mkv"
    status, told = streamdepth(capfd, "--input", film, "--depth-output", hall / "hall.mcap")
    assert (status, "hall.mcap is in metres, and this depth has no unit (add --metres FILE" in told) == (
        2,
        True,
    )
    status, told = streamdepth(capfd, "--input", film, "--output", hall / "out.mp4", "--fov", "70")
    assert (status, "--fov is for points and ROS, and there are none" in told) == (2, True)
    cloud = ("--depth-output", hall / "cloud.ply", "--frames", "1", "--fov", "70")
    status, told = streamdepth(capfd, "--input", film, *cloud)
    assert status == 0, told
    assert (
        b"no unit, from 1 to 10 as the depth is relative; a lens 70 degrees wide"
        in (hall / "cloud.ply").read_bytes()
    )
    assert not (hall / "hall.mcap").exists()
