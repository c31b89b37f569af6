from __future__ import annotations

import cv2
import numpy as np
import pytest

from streamdepth.depthfiles.read import read_depth
from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.errors import SourceError, SourceMissing

METRES = np.array([[0, 1.5, 2.25], [4, 0.5, 10]], np.float32)
MILLIMETRES = (METRES * 1000).astype(np.uint16)


def write_pfm(path, values, order="<", kind="Pf"):
    scale = {"<": -1, ">": 1}[order]
    head = f"{kind}\n{values.shape[1]} {values.shape[0]}\n{scale}\n".encode()
    path.write_bytes(head + values[::-1].astype(f"{order}f4").tobytes())


def save(path, values):
    if path.suffix in (".npy", ".npz"):
        (np.save if path.suffix == ".npy" else np.savez)(path, values)
    elif path.suffix == ".pfm":
        write_pfm(path, values)
    else:
        assert cv2.imwrite(str(path), values)
    return path


@pytest.mark.parametrize("suffix", [".png", ".pgm", ".tif", ".npy", ".npz"])
def test_whole_numbers_are_millimetres(tmp_path, suffix):
    depth = read_depth(save(tmp_path / f"depth{suffix}", MILLIMETRES))
    assert depth.dtype == np.float32
    np.testing.assert_allclose(depth, METRES)


@pytest.mark.parametrize("suffix", [".tiff", ".npy", ".npz", ".pfm"])
def test_other_numbers_are_metres(tmp_path, suffix):
    np.testing.assert_allclose(read_depth(save(tmp_path / f"depth{suffix}", METRES)), METRES)


def test_a_third_axis_of_length_one_is_dropped(tmp_path):
    assert read_depth(save(tmp_path / "a.npy", METRES[..., None])).shape == (2, 3)


def test_eight_bits_are_depth_only_where_the_unit_is_known(tmp_path):
    path = save(tmp_path / "a.png", np.full((2, 3), 128, np.uint8))
    with pytest.raises(SourceError, match=r"8 bits.*--depth-kind"):
        read_depth(path)
    np.testing.assert_allclose(read_depth(path, DepthUnit(DepthKind.INVERSE, 256)), 2)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.png", b"", "is empty"),
        ("a.png", b"\x89PNG nothing", "not an image"),
        ("a.npy", b"\x93NUMPY nothing", "not a NumPy file"),
        ("a.npz", b"PK\x03\x04 nothing", "not a NumPy file"),
        ("a.npy", b"text", "not a NumPy file"),
        ("a.pfm", b"PF\n1 1\n-1\n" + bytes(12), "one channel"),
        ("a.pfm", b"Pf\n9 9\n-1\n" + bytes(12), "cut short"),
        ("a.webp", b"x", "unknown kind"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path, name, content, says, capfd):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=rf"{name}.* {says}"):
        read_depth(tmp_path / name)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("values", [np.zeros((2, 3, 3), np.uint16), np.zeros(0), np.array([["a"]])])
def test_what_holds_no_number_a_pixel_is_no_depth_map(tmp_path, values):
    np.save(tmp_path / "a.npy", values)
    with pytest.raises(SourceError, match="not a depth map"):
        read_depth(tmp_path / "a.npy")


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(SourceMissing, match="no file"):
        read_depth(tmp_path / "a.png")


@pytest.mark.parametrize("unit", [None, DepthUnit(DepthKind.METRES, 256)])
def test_the_largest_number_of_16_bits_is_no_reading(tmp_path, unit):
    path = save(tmp_path / "a.png", np.array([[65535, 1000]], np.uint16))
    assert (read_depth(path, unit) > 0).tolist() == [[False, True]]
