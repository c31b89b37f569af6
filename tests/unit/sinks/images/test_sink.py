from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.errors import DiskFull, NameRefused, SinkError, UsageError
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks.images.sink import ImageSink

BLUE, GREEN = (255, 0, 0), (0, 255, 0)


def info(kind="image", count=None, origin=None, live=False):
    return SourceInfo(32, 24, None, live, 5.0, kind=kind, frame_count=count, origin=origin)


def rendered(colour=BLUE, name="", index=0):
    image = np.full((24, 32, 3), colour, np.uint8)
    frame = Frame(index, Fraction(index), 0.0, Picture.of_bgr(np.zeros_like(image)), name)
    return Rendered(Estimate(frame, DepthMap(np.zeros((2, 2), np.float32)), 0.0), Picture.of_bgr(image))


def write(sink, *frames):
    for frame in frames:
        sink.write(frame)
    sink.close()


def colour_of(path):
    return tuple(int(value) for value in cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)[12, 16])


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_pixels_of_a_film_that_are_not_square_become_square(tmp_path):
    one = rendered()
    frame = replace(one.estimate.frame, pixel_aspect=Fraction(3, 2))
    write(
        ImageSink(tmp_path / "out.png", info(count=1)),
        replace(one, estimate=replace(one.estimate, frame=frame)),
    )
    assert cv2.imread(str(tmp_path / "out.png")).shape == (24, 48, 3)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".tiff", ".PNG"])
def test_an_image_becomes_a_picture_with_every_pixel_kept(tmp_path, suffix):
    write(ImageSink(tmp_path / f"out{suffix}", info(count=1)), rendered(BLUE))
    assert names_in(tmp_path) == [f"out{suffix}"]
    assert colour_of(tmp_path / f"out{suffix}") == BLUE


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp"])
def test_an_image_becomes_a_picture_that_looks_the_same(tmp_path, suffix):
    write(ImageSink(tmp_path / f"out{suffix}", info(count=1)), rendered(BLUE))
    assert np.allclose(colour_of(tmp_path / f"out{suffix}"), BLUE, atol=6)


@pytest.mark.parametrize(
    ("suffix", "start"),
    [(".png", b"\x89PNG"), (".jpg", b"\xff\xd8"), (".webp", b"RIFF"), (".bmp", b"BM"), (".tif", b"II*")],
)
def test_the_suffix_says_the_format(tmp_path, suffix, start):
    write(ImageSink(tmp_path / f"out{suffix}", info(count=1)), rendered())
    assert (tmp_path / f"out{suffix}").read_bytes().startswith(start)


def test_names_in_any_script_are_kept(tmp_path):
    write(ImageSink(tmp_path / "深度 tiefe.png", info(count=1)), rendered(GREEN))
    assert colour_of(tmp_path / "深度 tiefe.png") == GREEN


def test_an_older_picture_is_replaced(tmp_path):
    path = tmp_path / "out.png"
    path.write_bytes(b"old")
    write(ImageSink(path, info(count=1)), rendered(GREEN))
    assert colour_of(path) == GREEN


def test_a_folder_of_images_becomes_a_folder_of_the_same_names(tmp_path):
    out = tmp_path / "out"
    write(ImageSink(out, info()), rendered(BLUE, "sea.jpg", 0), rendered(GREEN, "tree.v2.png", 1))
    assert names_in(out) == ["sea.png", "tree.v2.png"]
    assert colour_of(out / "sea.png") == BLUE
    assert colour_of(out / "tree.v2.png") == GREEN


def test_a_folder_can_have_another_suffix(tmp_path):
    write(ImageSink(tmp_path / "out", info(), suffix=".jpg"), rendered(name="sea.png"))
    assert names_in(tmp_path / "out") == ["sea.jpg"]


def test_a_folder_that_is_there_is_used_whatever_its_name(tmp_path):
    out = tmp_path / "out.mp4"
    out.mkdir()
    write(ImageSink(out, info(count=1)), rendered(name="sea.jpg"))
    assert names_in(out) == ["sea.png"]


def test_images_that_differ_in_suffix_or_case_alone_get_pictures_of_their_own(tmp_path):
    frames = [rendered(name=name) for name in ("a.jpg", "a.png", "A.jpg", "a-2.bmp")]
    write(ImageSink(tmp_path / "out", info()), *frames)
    assert names_in(tmp_path / "out") == ["A-3.png", "a-2-2.png", "a-2.png", "a.png"]


def test_an_image_without_a_name_is_named_by_its_index(tmp_path):
    write(ImageSink(tmp_path / "out", info()), rendered(index=123))
    assert names_in(tmp_path / "out") == ["000123.png"]


def test_a_name_with_folders_stays_inside_the_output(tmp_path):
    write(ImageSink(tmp_path / "out", info()), rendered(name="../../sea.jpg"))
    assert names_in(tmp_path / "out") == ["sea.png"]


def test_no_folder_is_made_before_there_is_a_picture(tmp_path):
    ImageSink(tmp_path / "out", info()).close(complete=False)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("path", ["missing/out.png", "missing/out"])
def test_a_missing_parent_is_refused_and_not_made(tmp_path, path):
    with pytest.raises(SinkError, match="no folder"):
        ImageSink(tmp_path / path, info(count=1))
    assert names_in(tmp_path) == []


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(SinkError, match="is a file"):
        ImageSink(tmp_path / "out", info())


@pytest.mark.parametrize(("kind", "live"), [("video", False), ("camera", True), ("demo", True)])
@pytest.mark.parametrize("name", ["out.png", "out"])
def test_a_video_or_live_input_is_refused_with_a_cure(tmp_path, kind, live, name):
    with pytest.raises(UsageError, match=r"\.mp4"):
        ImageSink(tmp_path / name, info(kind, live=live))


@pytest.mark.parametrize("count", [None, 2])
def test_one_file_for_several_images_is_refused(tmp_path, count):
    with pytest.raises(UsageError, match="name a folder"):
        ImageSink(tmp_path / "out.png", info(count=count))


def test_a_second_picture_never_replaces_the_first(tmp_path):
    sink = ImageSink(tmp_path / "out.png", info(count=1))
    sink.write(rendered(BLUE))
    with pytest.raises(SinkError, match="holds one picture"):
        sink.write(rendered(GREEN, index=1))
    assert colour_of(tmp_path / "out.png") == BLUE


@pytest.mark.parametrize("count", [1, None])
def test_an_unknown_suffix_is_refused_and_the_known_ones_are_named(tmp_path, count):
    with pytest.raises(UsageError, match=r"\.png \.jpg"):
        ImageSink(tmp_path / "out.gif", info(count=count))
    with pytest.raises(UsageError, match=r"\.png \.jpg"):
        ImageSink(tmp_path / "out", info(count=count), suffix=".gif")


def test_the_input_is_never_the_output_under_any_name(tmp_path):
    image = tmp_path / "in.png"
    image.write_bytes(b"the input")
    (tmp_path / "link.png").hardlink_to(image)
    for name in ("in.png", "link.png"):
        with pytest.raises(UsageError, match="where the input is"):
            ImageSink(tmp_path / name, info(count=1, origin=image))
    assert image.read_bytes() == b"the input"


def test_the_folder_of_the_input_is_never_that_of_the_output(tmp_path):
    for origin in (tmp_path, tmp_path / "in.png"):
        with pytest.raises(UsageError, match="where the input is"):
            ImageSink(tmp_path / "." / "", info(origin=origin))


def test_a_full_disk_is_named_and_leaves_nothing_behind(tmp_path, monkeypatch):
    def fill(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fill)
    with pytest.raises(DiskFull):
        write(ImageSink(tmp_path / "out.png", info(count=1)), rendered())
    assert names_in(tmp_path) == []


def test_a_rename_that_is_refused_leaves_the_older_picture_and_no_part(tmp_path, monkeypatch):
    (tmp_path / "out.png").write_bytes(b"old")

    def refuse(part, final):
        assert part.exists()
        raise PermissionError(1, "refused")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(SinkError, match="not writable"):
        write(ImageSink(tmp_path / "out.png", info(count=1)), rendered())
    assert names_in(tmp_path) == ["out.png"]
    assert (tmp_path / "out.png").read_bytes() == b"old"


def test_a_folder_that_cannot_be_made_is_our_error(tmp_path):
    (tmp_path / "parent").mkdir()
    sink = ImageSink(tmp_path / "parent" / "out", info())
    (tmp_path / "parent").rmdir()
    with pytest.raises(SinkError, match="cannot be written"):
        sink.write(rendered())


@pytest.mark.parametrize("long", ["映" * 83 + "ab.x", "a" * 252 + ".p", "é" * 126 + "x.a"])
def test_a_name_that_does_not_go_costs_that_picture_alone(tmp_path, long):
    assert len(long.encode()) <= 255  # as an input it is there
    sink = ImageSink(tmp_path / "heat", info(), suffix=".jpeg")
    write(sink, rendered(name="a.png"), rendered(name=long), rendered(name="b.png"))
    assert names_in(tmp_path / "heat") == ["a.jpeg", "b.jpeg"]
    (warning,) = sink.warnings
    assert "is too long for this disk; it was left out of" in warning


def test_where_no_name_goes_the_run_fails(tmp_path):
    sink = ImageSink(tmp_path / "heat", info(), suffix=".jpeg")
    sink.write(rendered(name="a" * 252 + ".p"))
    with pytest.raises(NameRefused, match="is too long for this disk"):
        sink.close()


def test_one_picture_whose_name_does_not_go_is_an_error(tmp_path):
    with pytest.raises(NameRefused, match="too long"):
        ImageSink(tmp_path / ("a" * 252 + ".png"), info(count=1))
