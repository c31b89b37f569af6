"""Files and folders: told apart by their content, and what is said about one that is not there."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from closed_paths import close
from films import greys, write_film
from pictures import encoded, picture, written

from streamdepth.errors import SourceError, SourceMissing, Trouble
from streamdepth.frames import SourceInfo
from streamdepth.sources.local import PATH, files_of_path, is_still, open_path
from streamdepth.sources.options import SourceOptions

PNG = encoded(".png", picture(8, 6))


def info_of(spec: Any) -> SourceInfo:
    source = open_path(spec, SourceOptions())
    source.close()
    return source.info


def refusal(spec: Any) -> SourceError:
    with pytest.raises(SourceMissing) as refused:
        open_path(spec, SourceOptions())
    return refused.value


def animation(path: Path, suffix: str) -> Path:
    """Three pictures that follow each other, in a kind of file that photos are in as well."""
    codec, pixels = {".webp": ("libwebp_anim", "yuv420p"), ".gif": ("gif", "rgb8")}[suffix]
    with av.open(str(path), "w", format=suffix[1:]) as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        for level in (0, 100, 200):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8), "bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("spec", ["a.PNG", "", "*.PNG"])
def test_an_image_a_folder_and_a_glob_are_pictures(tmp_path: Path, spec: str) -> None:
    written(tmp_path / "a.PNG", PNG)
    info = info_of(str(tmp_path / spec))
    assert (info.kind, info.width, info.height, info.frame_count) == ("image", 8, 6, 1)


@pytest.mark.parametrize("name", ["photo.mp4", "photo", "photo.txt", "photo.jpg"])
def test_a_photo_is_one_whatever_its_name_ends_in(name: str, tmp_path: Path) -> None:
    info = info_of(written(tmp_path / name, PNG))
    assert (info.kind, info.width, info.frame_count) == ("image", 8, 1)


@pytest.mark.parametrize("name", ["film.mjpeg", "film.MJPG"])
def test_jpegs_one_after_the_other_are_a_film_where_the_name_says_so(name: str, tmp_path: Path) -> None:
    jpegs = [encoded(".jpg", picture(64, 48)) for _ in range(3)]
    written(tmp_path / name, b"".join(jpegs))
    source = open_path(tmp_path / name, SourceOptions())
    try:
        assert (source.info.kind, len(list(iter(source.read, None)))) == ("video", 3)
    finally:
        source.close()
    assert not is_still(tmp_path / name)
    assert is_still(written(tmp_path / "photo.jpg", jpegs[0]))


@pytest.mark.parametrize("end", [".mp4", ".mkv", ".png"])
@pytest.mark.skipif(sys.platform != "linux", reason="names are 255 bytes long at most on Linux")
def test_a_name_as_long_as_names_may_be_is_opened(end: str, tmp_path: Path) -> None:
    assert info_of(written(tmp_path / ("x" * 251 + end), PNG)).width == 8


@pytest.mark.parametrize("name", ["film.mp4", "film.png", "film"])
def test_a_film_is_one_whatever_its_name_ends_in_but_a_picture_s(name: str, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mkv", greys([0, 100, 200]))
    film.rename(tmp_path / name)
    if name.endswith(".png"):
        with pytest.raises(SourceError, match=r"film\.png"):
            open_path(tmp_path / name, SourceOptions())
    else:
        assert (info_of(tmp_path / name).kind, info_of(tmp_path / name).width) == ("video", 64)


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_an_animation_moves_though_photos_end_in_the_same(suffix: str, tmp_path: Path) -> None:
    source = open_path(animation(tmp_path / f"moving{suffix}", suffix), SourceOptions())
    frames = list(iter(source.read, None))
    source.close()
    assert [int(frame.bgr.mean()) for frame in frames] == pytest.approx([0, 100, 200], abs=25)


def test_a_home_is_found_by_its_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    written(tmp_path / "a.png", PNG)
    assert info_of("~/a.png").width == 8
    assert files_of_path("~/a.png") == [tmp_path / "a.png"]


def test_a_path_that_is_nearly_right_is_told_the_right_one(tmp_path: Path) -> None:
    written(tmp_path / "street.mp4", b"x")
    assert str(refusal(str(tmp_path / "steet.mp4"))) == (
        f"there is no file or folder {tmp_path}/steet.mp4 (did you mean {tmp_path}/street.mp4?)"
    )


def test_a_link_to_what_is_not_there_is_told_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "street.mp4").symlink_to("/gone/street.mp4")
    refused = refusal(tmp_path / "street.mp4")
    assert str(refused) == (
        f"{tmp_path}/street.mp4 is a link to /gone/street.mp4, which is not there (check the link)"
    )


def test_the_two_names_that_are_nearest_are_told(tmp_path: Path) -> None:
    for name in ("street1.mp4", "street2.mp4", "street33.mp4", "harbour.mp4"):
        written(tmp_path / name, b"x")
    cure = refusal(tmp_path / "street.mp4").cure
    assert set(cure.removeprefix("did you mean ").removesuffix("?").split(" or ")) == {
        str(tmp_path / "street1.mp4"),
        str(tmp_path / "street2.mp4"),
    }


def test_a_path_like_no_other_is_told_to_be_checked(tmp_path: Path) -> None:
    written(tmp_path / "street.mp4", b"x")
    error = refusal(tmp_path / "zzz")
    assert str(error) == (
        f"there is no file or folder {tmp_path}/zzz (check the path; --input demo needs no file)"
    )
    assert error.trouble is Trouble.OTHER


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere" / "a.mp4").cure == (
        f"there is no folder {tmp_path}/nowhere either; check the path"
    )


def test_a_mistyped_address_is_no_missing_file() -> None:
    error = refusal("rtsp:/cam/1")
    assert str(error) == "rtsp:/cam/1 is neither a file nor an address (write it as rtsp://HOST/PATH)"
    assert error.trouble is Trouble.KIND_OF_ADDRESS
    assert "hunter2" not in str(refusal("me:hunter2@cam/1"))


def test_a_glob_that_matches_nothing_is_missing(tmp_path: Path) -> None:
    assert refusal(str(tmp_path / "*.png")).what == f"no picture matches {tmp_path}/*.png"


@pytest.mark.parametrize("name", ["a" * 300 + ".mp4", "a" * 300, "a\0b.png"])
def test_a_name_that_no_file_may_have_is_a_missing_source(name: str, tmp_path: Path) -> None:
    assert refusal(str(tmp_path / name)).what == f"there is no file or folder {tmp_path / name}"


def test_what_a_check_finds_is_what_opening_would(tmp_path: Path) -> None:
    PATH.check(written(tmp_path / "a.png", PNG), SourceOptions())
    with pytest.raises(SourceMissing, match="did you mean"):
        PATH.check(tmp_path / "b.png", SourceOptions())


def test_the_files_of_a_path_are_itself_and_the_pictures_in_it_in_their_order(tmp_path: Path) -> None:
    for name in ("a10.png", "a9.png", "notes.txt", ".hidden.png"):
        written(tmp_path / name, b"x")
    pictures = [tmp_path / "a9.png", tmp_path / "a10.png"]
    assert files_of_path(tmp_path) == [tmp_path, *pictures]
    assert files_of_path(str(tmp_path / "a*.png")) == [tmp_path / "a*.png", *pictures]
    assert files_of_path(str(tmp_path / "a%d.png")) == [tmp_path / "a%d.png", *pictures]


def test_a_file_is_its_own_only_file_and_so_is_one_that_is_not_there(tmp_path: Path) -> None:
    film = written(tmp_path / "film.mp4", b"x")
    assert files_of_path(str(film)) == [film]
    assert files_of_path(tmp_path / "gone.mp4") == [tmp_path / "gone.mp4"]
    assert files_of_path(str(tmp_path / "*.png")) == [tmp_path / "*.png"]


def test_what_lies_behind_a_closed_folder_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = close(tmp_path / "closed" / "a.mp4", monkeypatch)
    assert files_of_path(closed) == [closed]
    with pytest.raises(SourceError, match=r"a\.mp4 cannot be read: permission denied") as refused:
        open_path(closed, SourceOptions())
    assert not isinstance(refused.value, SourceMissing)


def test_a_folder_that_may_not_be_listed_is_not_called_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(_folder: Path) -> Iterator[Path]:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", listed)
    assert files_of_path(tmp_path) == [tmp_path]
    with pytest.raises(SourceError, match=r"cannot be read: permission denied \(check its permissions"):
        open_path(tmp_path, SourceOptions())
