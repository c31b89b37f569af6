"""Pictures as a source."""

from __future__ import annotations

import errno
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pictures
import pytest
from heif_files import Heif

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.frames import Frame
from streamdepth.sources.images.picture_files import PICTURE_SUFFIXES, find_pictures
from streamdepth.sources.images.source import StillSource


def picture(width: int = 60, height: int = 40) -> np.ndarray:
    return pictures.picture(width, height)


def save(path: Path, image: np.ndarray) -> Path:
    done, data = cv2.imencode(path.suffix, image)
    assert done
    path.write_bytes(data.tobytes())
    return path


def all_frames(source: StillSource) -> list[Frame]:
    frames = list(iter(source.read, None))
    source.close()
    return frames


def only(path: Path) -> np.ndarray:
    (frame,) = all_frames(StillSource(path))
    return frame.bgr


def test_one_image_is_one_frame(tmp_path: Path) -> None:
    path = save(tmp_path / "é ü.png", picture())
    source = StillSource(str(path), clock=lambda: 7.0)
    info = source.info
    assert (info.width, info.height, info.rate, info.live, info.kind) == (60, 40, None, False, "image")
    assert (info.frame_count, info.origin) == (1, path)
    (frame,) = all_frames(source)
    assert (frame.index, frame.pts, frame.name, frame.captured_at) == (0, 0, "é ü.png", 7.0)
    np.testing.assert_array_equal(frame.bgr, picture())
    assert source.read() is None


WRITTEN_AS = {
    ".jfif": ".jpg",
    ".jif": ".jpg",
    ".jpe": ".jpg",
    ".mpo": ".jpg",
    ".j2k": ".jp2",
    ".hif": ".heic",
    ".heif": ".heic",
}
"""What a file with a rarer ending is, where OpenCV writes none of that name."""


def encoded(suffix: str, image: np.ndarray) -> bytes:
    kind = WRITTEN_AS.get(suffix, suffix)
    if kind == ".heic":
        return Heif([image]).data()
    if kind == ".tga":  # 18 bytes of head, rows from the top down, BGR
        return struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 60, 40, 24, 0x20) + image.tobytes()
    return bytes(cv2.imencode(kind, image)[1])


@pytest.mark.parametrize("suffix", sorted(PICTURE_SUFFIXES))
def test_every_suffix_that_is_promised_is_read(tmp_path: Path, suffix: str) -> None:
    image = picture() if suffix not in (".pgm", ".pbm") else cv2.cvtColor(picture(), cv2.COLOR_BGR2GRAY)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encoded(suffix, image))
    shown = only(path)
    assert shown.shape == (40, 60, 3)
    assert shown.dtype == np.uint8
    if suffix in (".png", ".bmp", ".ppm", ".tif", ".tiff"):
        np.testing.assert_array_equal(shown, picture())
    elif suffix not in (".pgm", ".pbm"):
        assert np.abs(shown[10, 15].astype(int) - (0, 0, 255)).max() <= 8


def test_a_folder_comes_in_natural_order_with_each_picture_in_its_own_size(tmp_path: Path) -> None:
    for index in (10, 2, 1):
        save(tmp_path / f"img{index}.png", picture(20 + index, 30))
    save(tmp_path / "IMG3.PNG", picture(23, 30))
    (tmp_path / "notes.txt").write_text("no picture")
    save(tmp_path / ".hidden.png", picture())
    (tmp_path / "folder.png").mkdir()
    source = StillSource(tmp_path)
    assert source.info.frame_count == 4
    frames = all_frames(source)
    assert [frame.name for frame in frames] == ["img1.png", "img2.png", "IMG3.PNG", "img10.png"]
    assert [frame.picture.width for frame in frames] == [21, 22, 23, 30]
    assert [frame.pts for frame in frames] == [Fraction(index) for index in range(4)]
    assert source.info.width == 21
    assert (source.skipped, source.warnings) == (0, [])


def test_a_glob_takes_what_matches(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a1.png", "a2.jpg", "b1.png", "deep/a3.png", "a4.txt"):
        target = tmp_path / name
        save(target, picture()) if target.suffix != ".txt" else target.write_text("a")
    assert [path.name for path in find_pictures(str(tmp_path / "a*"))] == ["a1.png", "a2.jpg"]
    assert [path.name for path in find_pictures(tmp_path / "**" / "a?.png")] == ["a1.png", "a3.png"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    save(tmp_path / "a1.png", picture())
    path = save(tmp_path / "a[1].png", picture())
    assert find_pictures(path) == [path]


def test_a_list_of_files_is_taken_as_it_is(tmp_path: Path) -> None:
    paths = [save(tmp_path / name, picture()) for name in ("b.png", "a.png")]
    assert [frame.name for frame in all_frames(StillSource(paths))] == ["b.png", "a.png"]


@pytest.mark.parametrize(
    ("orientation", "red", "green"),
    [
        (1, (0, 0), (0, -1)),
        (2, (0, -1), (0, 0)),
        (3, (-1, -1), (-1, 0)),
        (4, (-1, 0), (-1, -1)),
        (5, (0, 0), (-1, 0)),
        (6, (0, -1), (-1, -1)),
        (7, (-1, -1), (0, -1)),
        (8, (-1, 0), (0, 0)),
    ],
)
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_the_exif_orientation_is_honoured(tmp_path: Path, suffix: str, orientation: int, red, green) -> None:
    path = save(tmp_path / f"phone{suffix}", picture())
    data = path.read_bytes()
    if suffix == ".jpg":
        body = b"Exif\0\0" + pictures.exif(orientation)
        data = data[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body + data[2:]
    else:
        chunk = b"eXIf" + pictures.exif(orientation)
        data = (
            data[:33]
            + struct.pack(">I", len(chunk) - 4)
            + chunk
            + struct.pack(">I", zlib.crc32(chunk))
            + data[33:]
        )
    path.write_bytes(data)
    shown = only(path)
    assert shown.shape == ((60, 40, 3) if orientation > 4 else (40, 60, 3))
    assert shown[red][2] > 200
    assert shown[green][1] > 200


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_16_bits_are_brought_to_8(tmp_path: Path, suffix: str) -> None:
    ramp = np.tile(np.arange(0, 65536, 64, dtype=np.uint16), (8, 1))
    shown = only(save(tmp_path / f"deep{suffix}", ramp))
    assert np.abs(shown[..., 1].astype(int) - ramp / 257).max() <= 1.5


@pytest.mark.parametrize(
    ("suffix", "depth"),
    [
        (".png", np.uint8),
        (".png", np.uint16),
        (".tiff", np.uint8),
        (".tiff", np.uint16),
        (".webp", np.uint8),
        (".bmp", np.uint8),
    ],
)
def test_a_transparent_image_is_laid_over_black(tmp_path: Path, suffix: str, depth: type) -> None:
    scale = np.iinfo(depth).max // 255
    glass = np.full((20, 30, 4), 255 * scale, depth)
    glass[:10, :, 3] = 128 * scale
    glass[10:, 15:, 3] = 0
    shown = only(save(tmp_path / f"glass{suffix}", glass))
    assert np.abs(shown[:10].astype(int) - 128).max() <= 1
    assert shown[10:, :15].min() == 255
    assert shown[10:, 15:].max() == 0


def test_an_opaque_webp_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(cv2.imencode(".webp", picture(), [cv2.IMWRITE_WEBP_QUALITY, 90])[1].tobytes())
    assert np.abs(only(path)[10, 15].astype(int) - (0, 0, 255)).max() <= 20


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "is empty"), (b"no image", "is not an image"), (b"\x89PNG\r\n\x1a\n", "is not an image")],
)
def test_one_image_that_cannot_be_read_is_an_error_with_its_name(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], data: bytes, what: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"a\.png") as caught:
        StillSource(path)
    assert what in caught.value.what
    assert caught.value.cure
    assert capfd.readouterr() == ("", "")


def test_a_picture_that_claims_to_be_enormous_is_an_error(tmp_path: Path) -> None:
    path = save(tmp_path / "bomb.png", picture())
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"bomb\.png"):
        StillSource(path)


def test_among_several_a_bad_picture_is_skipped_counted_and_told(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"no image")
    save(tmp_path / "2.png", picture())
    (tmp_path / "3.png").touch()
    save(tmp_path / "4.png", picture())
    source = StillSource(tmp_path)
    frames = all_frames(source)
    assert [(frame.index, frame.name) for frame in frames] == [(0, "2.png"), (1, "4.png")]
    assert source.skipped == 2
    assert "1.png is not an image" in source.warnings[0]
    assert "3.png is empty" in source.warnings[1]


def test_a_folder_of_nothing_but_bad_pictures_is_an_error(tmp_path: Path) -> None:
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(b"no image")
    with pytest.raises(SourceError, match="none of the pictures can be read"):
        StillSource(tmp_path)


@pytest.mark.parametrize("pattern", ["", "none.png", "*.png"])
def test_no_picture_at_all_is_a_missing_source(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(SourceMissing) as caught:
        StillSource(tmp_path / pattern)
    assert caught.value.cure


def test_a_picture_that_goes_away_meanwhile_is_skipped(tmp_path: Path) -> None:
    for name in ("1.png", "2.png", "3.png"):
        save(tmp_path / name, picture())
    source = StillSource(tmp_path)
    (tmp_path / "2.png").unlink()
    assert [frame.name for frame in all_frames(source)] == ["1.png", "3.png"]
    assert "2.png" in source.warnings[0]


def test_nothing_is_read_after_close(tmp_path: Path) -> None:
    save(tmp_path / "1.png", picture())
    save(tmp_path / "2.png", picture())
    source = StillSource(tmp_path)
    source.close()
    assert source.read() is None


def test_what_a_folder_holds_beside_pictures_is_named_by_its_endings(tmp_path: Path) -> None:
    save(tmp_path / "1.png", picture())
    for name in ("2.CR2", "3.cr2", "4.mov", "5.png.json", ".hidden.mov", "6"):
        (tmp_path / name).write_bytes(b"x")
    source = StillSource(tmp_path)
    assert len(all_frames(source)) == 1
    others, films = source.warnings
    assert others.endswith("and not files of other endings: 2 .cr2, 1 no ending")
    assert films.endswith("are one input, and each film there is another one: 1 .mov")
    assert source.skipped == 0


def test_an_animation_among_photos_gives_its_first_picture_and_says_so(tmp_path: Path) -> None:
    save(tmp_path / "1.png", picture())
    animation = cv2.Animation()
    animation.frames = [cv2.cvtColor(picture(), cv2.COLOR_BGR2BGRA), np.full((40, 60, 4), 255, np.uint8)]
    animation.durations = np.array([100, 100])
    (tmp_path / "2.gif").write_bytes(bytes(cv2.imencodeanimation(".gif", animation)[1]))
    source = StillSource(tmp_path)
    assert np.abs(all_frames(source)[1].bgr.astype(int) - picture()).mean() < 4
    assert "an animation of 2 pictures" in source.warnings[0]
    assert source.skipped == 0


def test_one_picture_after_another_can_be_gone_to(tmp_path: Path) -> None:
    for index in range(4):
        save(tmp_path / f"{index}.png", np.full((4, 6, 3), 50 * index, np.uint8))
    (tmp_path / "3.png").write_bytes(b"no picture")
    source = StillSource(str(tmp_path))
    assert source.length == 4
    shown = []
    for position in (2, 0, 9, 1):
        source.seek(Fraction(position))
        frame = source.read()
        shown.append(None if frame is None else (frame.name, frame.pts))
    assert shown == [("2.png", 2), ("0.png", 0), None, ("1.png", 1)]
    assert [frame.name for frame in all_frames(source)] == ["2.png"]
    assert source.skipped == 1


def test_pictures_whose_disk_fails_are_not_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that come after would be, and the run would end as if it had done them."""
    paths = [save(tmp_path / f"{number}.png", picture()) for number in range(3)]
    source = StillSource(tmp_path)
    assert source.read() is not None
    whole = Path.read_bytes

    def read(path: Path) -> bytes:
        if path in paths[1:]:
            raise OSError(errno.EIO, "Input/output error")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    with pytest.raises(SourceError, match=r"1\.png cannot be read: input/output error"):
        source.read()


def test_pictures_whose_folder_is_gone_are_not_skipped(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    for number in range(3):
        save(folder / f"{number}.png", picture())
    source = StillSource(folder)
    assert source.read() is not None
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(SourceMissing, match=r"there is no file .*1\.png"):
        source.read()
