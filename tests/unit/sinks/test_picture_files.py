"""Where pictures go on disk, and under which names."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.errors import NameRefused, SinkError, UsageError
from streamdepth.frames import Frame, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks import picture_files
from streamdepth.sinks.picture_files import (
    PictureFile,
    PictureFolder,
    PlacedSink,
    encode,
    may_hold,
    picture_place,
)

PNG = (".png",)


def info(kind: str = "image", count: int | None = 1, origin: Path | None = None) -> SourceInfo:
    return SourceInfo(4, 3, None, False, 1.0, kind=kind, frame_count=count, origin=origin)


def frame(name: str = "", index: int = 0) -> Frame:
    return Frame(index, Fraction(index), 0.0, Picture.of_bgr(np.zeros((4, 4, 3), np.uint8)), name)


def test_a_picture_that_the_format_cannot_hold_is_our_error() -> None:
    wide = np.zeros((1, 20_000, 3), np.uint8)
    with pytest.raises(SinkError, match=r"picture of 20000x1 cannot be written as \.webp \(choose \.png\)"):
        encode(wide, ".webp")
    with pytest.raises(SinkError, match=r"picture of 20000x1 cannot be written as \.none \(choose \.png\)"):
        encode(wide, ".none")


def test_sixteen_bits_are_encoded_without_loss() -> None:
    levels = np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000
    data = np.frombuffer(encode(levels, ".png"), np.uint8)
    assert np.array_equal(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), levels)


def test_jpeg_is_of_the_same_quality_whatever_the_case_of_its_ending() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    fine = cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    assert encode(noise, ".jpg") == encode(noise, ".JPG") == encode(noise, ".jpeg") == fine


def test_one_picture_has_its_other_files_beside_it(tmp_path: Path) -> None:
    place = PictureFile(tmp_path / "street.png", info(), (".png", ".pfm", ".json"))
    with place.entry(frame()) as files:
        place.put(*((file, b"x") for file in files))
    assert files == [tmp_path / name for name in ("street.png", "street.pfm", "street.json")]
    assert all(file.read_bytes() == b"x" for file in files)
    with pytest.raises(SinkError, match=r"holds one picture and frame 7 came too \(name a folder\)"):
        place.entry(frame(index=7)).__enter__()


@pytest.mark.parametrize(("kind", "count"), [("video", 1), ("camera", None), ("image", 2), ("image", None)])
def test_one_file_for_what_is_not_one_picture_is_refused(
    kind: str, count: int | None, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"holds one picture and the input is not one picture"):
        PictureFile(tmp_path / "a.png", info(kind, count), PNG)


def test_the_input_is_not_written_over_under_another_name_either(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"photo")
    (tmp_path / "link.png").symlink_to(photo)
    for name in ("photo.png", "link.png"):
        with pytest.raises(UsageError, match="is where the input is"):
            PictureFile(tmp_path / name, info(origin=photo), PNG)
    with pytest.raises(UsageError, match="is where the input is"):
        PictureFolder(tmp_path, info(origin=photo), PNG)
    assert photo.read_bytes() == b"photo"


def test_a_film_may_lie_in_the_folder_that_its_pictures_go_to(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    place = PictureFolder(tmp_path, info("video", 2, film), PNG)
    with place.entry(frame(index=1234567)) as files:
        assert files == [tmp_path / "1234567.png"]


def test_no_two_frames_of_a_folder_get_the_same_files(tmp_path: Path) -> None:
    place = PictureFolder(tmp_path / "out", info(count=6), (".png", ".pfm"))
    names = []
    for index, name in enumerate(["a.jpg", "A.png", "a.tif", "a-2.jpg", "", ""]):
        with place.entry(frame(name, index=min(index, 4))) as files:
            names.append([file.name for file in files])
    assert [first for first, _ in names] == [
        "a.png", "A-2.png", "a-3.png", "a-2-2.png", "000004.png", "000004-2.png",
    ]  # fmt: skip
    assert all(Path(first).stem == Path(second).stem for first, second in names)
    assert (tmp_path / "out").is_dir()


def test_a_frame_that_is_refused_its_name_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    place = PictureFolder(tmp_path / "out", info(count=2), PNG)
    with place.entry(frame("bad.png")):
        raise NameRefused("the name of bad.png is too long for this disk", "shorten it")
    assert place.warnings == [
        f"the name of bad.png is too long for this disk; it was left out of {tmp_path / 'out'}"
    ]
    sink = PlacedSink(place)
    assert sink.warnings == place.warnings
    with pytest.raises(NameRefused, match=r"too long for this disk \(shorten it\)"):
        sink.close()
    with place.entry(frame("good.png")) as (file,):
        place.put((file, b"x"))
    sink.close()
    assert (tmp_path / "out" / "good.png").read_bytes() == b"x"


def test_another_error_within_an_entry_is_not_taken_for_a_name(tmp_path: Path) -> None:
    place = PictureFolder(tmp_path / "out", info(count=1), PNG)
    with pytest.raises(SinkError, match="no luck"), place.entry(frame("a.png")):
        raise SinkError("no luck")
    assert place.warnings == []


@pytest.mark.parametrize(
    ("name", "is_there"), [("out", True), ("out.png", True), ("new", False), ("new.png", False)]
)
def test_a_folder_is_what_is_one_or_has_no_suffix(name: str, is_there: bool, tmp_path: Path) -> None:
    if is_there:
        (tmp_path / name).mkdir()
    place = picture_place(tmp_path / name, info(), PNG, accepted=PNG)
    assert isinstance(place, PictureFile if name == "new.png" else PictureFolder)


def test_a_suffix_of_another_kind_is_refused_and_those_that_go_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.gif is of an unknown kind \(choose from \.png \.pfm, or name"):
        picture_place(tmp_path / "a.gif", info(), PNG, accepted=(".png", ".pfm"))
    assert isinstance(picture_place(tmp_path / "a.PNG", info(), PNG, accepted=PNG), PictureFile)


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(SinkError, match=r"out is a file \(name a folder, or a file with a suffix\)"):
        picture_place(tmp_path / "out", info(), PNG, accepted=PNG)


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("street.png", True),
        ("STREET.PNG", True),
        ("street-2.png", True),
        ("street-two.png", False),
        ("000123.png", True),
        ("1234567.png", True),
        ("00123.png", False),
        ("street.jpg", False),
        ("other.png", False),
        ("a-7.png", True),
        ("a.png", False),
    ],
)
def test_what_a_folder_may_come_to_write_is_known_by_its_name(name: str, may: bool) -> None:
    assert may_hold(name, PNG, ["Street", "a-7"]) is may


def test_files_of_a_long_film_are_brought_to_disk_many_at_a_time(tmp_path, monkeypatch):
    flushed = []
    monkeypatch.setattr(picture_files, "flush", lambda paths: flushed.append([path.name for path in paths]))
    monkeypatch.setattr(picture_files, "TOGETHER", 2)
    folder = PictureFolder(tmp_path / "d", info("video"), PNG)
    picture = Picture.of_bgr(np.zeros((3, 4, 3), np.uint8))
    for index in range(5):
        with folder.entry(Frame(index, Fraction(index), 0.0, picture)) as (path,):
            folder.put((path, b"it"))
    folder.close()
    assert flushed == [["000000.png", "000001.png"], ["000002.png", "000003.png"], ["000004.png"]]
