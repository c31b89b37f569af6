"""Pictures that carry Exif, of which FFmpeg attaches more to a frame than PyAV knows."""

from __future__ import annotations

import gc
import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from films import served

from streamdepth.ffmpeg.side_data import display_matrix
from streamdepth.sources.video.source import VideoSource

STORED = np.zeros((48, 64, 3), np.uint8)
STORED[:24, :32], STORED[:24, 32:], STORED[24:, :32] = (40, 40, 220), (40, 220, 40), (220, 40, 40)
UPRIGHT = {
    1: STORED,
    2: STORED[:, ::-1],
    3: STORED[::-1, ::-1],
    4: STORED[::-1],
    5: STORED.transpose(1, 0, 2),
    6: STORED[::-1].transpose(1, 0, 2),
    7: STORED[::-1, ::-1].transpose(1, 0, 2),
    8: STORED[:, ::-1].transpose(1, 0, 2),
}
"""By the orientation of Exif 2.32, 4.6.4."""


def jpeg(orientation: int) -> bytes:
    coded = cv2.imencode(".jpg", STORED, [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes()
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 1) + entry + b"\0\0\0\0"
    return coded[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + coded[2:]


def film(path: Path, orientation: int, count: int = 3) -> Path:
    """Motion JPEG as cameras write it: whole JPEG files, Exif and all."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for index in range(count):
            packet = av.Packet(jpeg(orientation))
            packet.pts = packet.dts = index
            packet.time_base, packet.stream = Fraction(1, 25), stream
            container.mux(packet)
    return path


def pictures(address: str | Path) -> list[np.ndarray]:
    source = VideoSource(address)
    try:
        shown = [frame.bgr for frame in iter(source.read, None)]
        assert {image.shape[1::-1] for image in shown} == {(source.info.width, source.info.height)}
        return shown
    finally:
        source.close()


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("suffix", ["avi", "mkv", "mov"])
def test_motion_jpeg_with_exif_comes_upright(suffix: str, orientation: int, tmp_path: Path) -> None:
    shown = pictures(film(tmp_path / f"camera.{suffix}", orientation))
    assert len(shown) == 3
    for image in shown:
        assert image.shape == UPRIGHT[orientation].shape
        assert np.abs(image.astype(int) - UPRIGHT[orientation]).mean() < 6


@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_a_picture_with_exif_on_a_server_comes_upright(orientation: int, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(jpeg(orientation))
    with served(tmp_path) as address:
        (shown,) = pictures(f"{address}/photo.jpg")
    assert np.abs(shown.astype(int) - UPRIGHT[orientation]).mean() < 6


def test_what_is_attached_keeps_no_frame_alive(tmp_path: Path) -> None:
    path = film(tmp_path / "camera.avi", 6, count=6)
    gc.collect()
    before = sum(type(thing) is av.VideoFrame for thing in gc.get_objects())
    gc.disable()
    try:
        with av.open(str(path)) as container:
            assert all(display_matrix(frame) for frame in container.decode(video=0))
            alive = sum(type(thing) is av.VideoFrame for thing in gc.get_objects()) - before
        assert alive < 3
    finally:
        gc.enable()
