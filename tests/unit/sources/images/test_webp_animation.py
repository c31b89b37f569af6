"""An animated WebP as a source, and animations as inputs."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.frames import Frame
from streamdepth.protocols import Source
from streamdepth.sources import open_source
from streamdepth.sources.images.source import StillSource
from streamdepth.sources.images.webp_animation import WebpAnimation

COLOURS = ((0, 0, 255), (0, 255, 0), (255, 0, 0))


def frames_of(source: Source) -> list[Frame]:
    frames = list(iter(source.read, None))
    source.close()
    return frames


def animation(path: Path, durations: tuple[int, ...] = (200, 50, 3000)) -> Path:
    """Red, green and blue."""
    film = cv2.Animation()
    film.frames = [np.full((48, 64, 4), (*colour, 255), np.uint8) for colour in COLOURS[: len(durations)]]
    film.durations = np.array(durations)
    suffix = ".png" if path.suffix == ".apng" else path.suffix
    path.write_bytes(bytes(cv2.imencodeanimation(suffix, film)[1]))
    return path


def piece(image: np.ndarray, left: int, top: int, milliseconds: int, flags: int) -> bytes:
    """A chunk ANMF."""
    body = bytes(cv2.imencode(".webp", image, (cv2.IMWRITE_WEBP_QUALITY, 101))[1])[12:]
    if body.startswith(b"VP8X"):
        body = body[18:]
    height, width = image.shape[:2]
    told = (left // 2, top // 2, width - 1, height - 1, milliseconds)
    content = b"".join(number.to_bytes(3, "little") for number in told) + bytes([flags]) + body
    return struct.pack("<4sI", b"ANMF", len(content)) + content


def by_hand(*pieces: bytes) -> bytes:
    sides = (63).to_bytes(3, "little") + (47).to_bytes(3, "little")
    head = struct.pack("<4sI", b"VP8X", 10) + bytes([0x12, 0, 0, 0]) + sides
    body = b"WEBP" + head + struct.pack("<4sIIH", b"ANIM", 6, 0, 0) + b"".join(pieces)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


@pytest.mark.parametrize("suffix", [".webp", ".gif", ".png", ".apng"])
def test_every_picture_of_an_animation_comes_at_its_own_time(tmp_path: Path, suffix: str) -> None:
    source = open_source(str(animation(tmp_path / f"a{suffix}")))
    assert source.info.kind == "video"
    frames = frames_of(source)
    assert [frame.pts for frame in frames] == [0, Fraction(1, 5), Fraction(1, 4)]
    assert frames[-1].shown_for == 3
    for frame, colour in zip(frames, COLOURS, strict=True):
        assert np.abs(frame.bgr[20, 20].astype(int) - colour).max() <= 8


@pytest.mark.parametrize("suffix", [".webp", ".gif", ".png"])
def test_one_picture_is_a_photo_whatever_its_format_could_hold(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(bytes(cv2.imencode(suffix, np.full((48, 64, 3), 99, np.uint8))[1]))
    source = open_source(str(path))
    assert isinstance(source, StillSource)
    assert len(frames_of(source)) == 1


def test_pieces_are_laid_where_they_belong_and_taken_away_again(tmp_path: Path) -> None:
    white = np.full((48, 64, 4), 255, np.uint8)
    half_red = np.full((8, 10, 4), (0, 0, 255, 128), np.uint8)
    path = tmp_path / "a.webp"
    path.write_bytes(
        by_hand(
            piece(white, 0, 0, 100, 0),
            piece(half_red, 20, 10, 0, 1),  # blended, then its place is cleared
            piece(half_red, 40, 20, 100, 2),  # not blended: what is below is gone
        )
    )
    frames = frames_of(WebpAnimation(path))
    assert [frame.pts for frame in frames] == [0, Fraction(1, 10), Fraction(1, 5)]
    first, second, third = (frame.bgr for frame in frames)
    assert first.min() == 255
    assert np.abs(second[14, 24].astype(int) - (127, 127, 255)).max() <= 1
    assert third[14, 24].max() == 0
    assert np.abs(third[24, 44].astype(int) - (0, 0, 128)).max() <= 1
    assert third[40, 60].min() == 255


def test_an_animation_that_is_cut_off_ends_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    white = np.full((48, 64, 4), 255, np.uint8)
    broken = bytearray(piece(white, 0, 0, 100, 0))
    broken[32:] = b"\0" * (len(broken) - 32)
    path.write_bytes(by_hand(piece(white, 0, 0, 100, 0), bytes(broken)))
    source = WebpAnimation(path)
    assert len(frames_of(source)) == 1
    assert "is damaged after 1 picture;" in source.warnings[0]
