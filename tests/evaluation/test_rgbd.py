from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.errors import SourceError, SourceMissing, UsageError
from streamdepth.evaluation.depth_files import DepthKind, DepthUnit
from streamdepth.evaluation.rgbd import LAYOUTS, RgbdPair, find_pairs, load_pair, resize_depth

SHARED = Path(__file__).parents[2].parent / "shared" / "rgbd_dev"
DRIVE = "2011_09_26_drive_0001_sync"


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(root, layout="auto"):
    """(colour, depth) or (colour, depth, mask), each below the root."""
    return [
        tuple(str(path.relative_to(root)) for path in (pair.colour, pair.depth, pair.mask) if path)
        for pair in find_pairs(root, layout)
    ]


def write_pair(root, values, *, colour_size=(8, 6), mask=None):
    """A pair of a grey picture of `colour_size`, (w, h), and depth as NPY."""
    cv2.imwrite(str(root / "a.png"), np.full((*colour_size[::-1], 3), 90, np.uint8))
    np.save(root / "a_depth.npy", values)
    if mask is not None:
        np.save(root / "a_depth_mask.npy", mask)
    return find_pairs(root)[0]


@pytest.mark.parametrize(
    ("colour", "depth"),
    [
        ("color_1.png", "depth_mm_1.png"),
        ("rgb/1.jpg", "depth/1.png"),
        ("scene/image/1.png", "scene/depths/1.npy"),
        ("Images/1.jpg", "Depth/1.pfm"),
        ("rgb/1_rgb.png", "depth/1_depth.npz"),
        ("a.png", "a_depth.png"),
        ("bathroom/rgb_00045.jpg", "bathroom/sync_depth_00045.png"),
        ("00000_colors.png", "00000_depth.png"),
        ("frame-000007.color.jpg", "frame-000007.depth.pgm"),
        ("images/a.png", "images/a_depth.tiff"),
    ],
)
def test_colour_and_depth_are_paired_by_their_names(tmp_path, colour, depth):
    touch(tmp_path, colour, depth, "notes.txt", "pose/1.txt", "label/1.png")
    assert found(tmp_path) == [(colour, depth)]


def test_pairs_come_in_the_order_of_their_numbers(tmp_path):
    touch(tmp_path, *(f"rgb/{n}.png" for n in (10, 2, 1)), *(f"depth/{n}.png" for n in (1, 2, 10, 11)))
    assert [pair[0] for pair in found(tmp_path)] == ["rgb/1.png", "rgb/2.png", "rgb/10.png"]


def test_folders_of_scenes_are_kept_apart(tmp_path):
    touch(tmp_path, "a/rgb/1.png", "a/depth/1.png", "b/rgb/1.png", "b/depth/1.png")
    assert found(tmp_path) == [("a/rgb/1.png", "a/depth/1.png"), ("b/rgb/1.png", "b/depth/1.png")]


def test_nyuv2_is_in_millimetres_and_scannet_too(tmp_path):
    touch(tmp_path, "color/0.jpg", "depth/0.png")
    for layout in ("nyuv2", "scannet"):
        assert found(tmp_path, layout) == [("color/0.jpg", "depth/0.png")]
        assert find_pairs(tmp_path, layout)[0].unit == DepthUnit(DepthKind.MILLIMETRES)


@pytest.mark.parametrize("layout", ["auto", "diode"])
def test_diode_comes_with_masks(tmp_path, layout):
    names = tuple(
        f"indoors/scene_00019/scan_00183/x{end}" for end in (".png", "_depth.npy", "_depth_mask.npy")
    )
    touch(tmp_path, *names, "indoors/scene_00019/scan_00183/x_normal.npy")
    assert found(tmp_path, layout) == [names]


@pytest.mark.parametrize("layout", ["auto", "kitti"])
@pytest.mark.parametrize(
    ("colour", "depth"),
    [
        (
            f"raw/2011_09_26/{DRIVE}/image_02/data/0000000005.png",
            f"train/{DRIVE}/proj_depth/groundtruth/image_02/0000000005.png",
        ),
        ("image_03/data/0000000005.png", "proj_depth/groundtruth/image_03/0000000005.png"),
        (
            f"val_selection_cropped/image/{DRIVE}_image_0000000005_image_02.png",
            f"val_selection_cropped/groundtruth_depth/{DRIVE}_groundtruth_depth_0000000005_image_02.png",
        ),
    ],
)
def test_kitti_is_known_by_its_folders_and_has_256_steps_a_metre(tmp_path, layout, colour, depth):
    touch(tmp_path, colour, depth)
    touch(tmp_path, "raw/2011_09_26/other_drive/image_02/data/0000000005.png")
    assert found(tmp_path, layout) == [(colour, depth)]
    assert find_pairs(tmp_path, layout)[0].unit == DepthUnit(DepthKind.METRES, 256)


def test_a_unit_that_is_named_overrides_that_of_the_layout(tmp_path):
    touch(tmp_path, "rgb/1.png", "depth/1.png")
    unit = DepthUnit(DepthKind.METRES, 5000)
    assert find_pairs(tmp_path, "nyuv2", unit)[0].unit == unit


def test_two_files_for_one_picture_are_refused(tmp_path):
    touch(tmp_path, "rgb/1.png", "depth/1.png", "depth/1.npy")
    with pytest.raises(SourceError, match=r"1\.npy and .*1\.png are of the same picture"):
        find_pairs(tmp_path)
    assert found(tmp_path, "nyuv2") == [("rgb/1.png", "depth/1.png")]


def test_a_folder_without_pairs_is_refused(tmp_path):
    touch(tmp_path, "rgb/1.png", "depth/2.png")
    with pytest.raises(SourceError, match="no pairs of colour and depth"):
        find_pairs(tmp_path)
    with pytest.raises(SourceError, match="in the layout kitti"):
        find_pairs(tmp_path, "kitti")


def test_what_is_no_folder_is_refused(tmp_path):
    touch(tmp_path, "a.png")
    with pytest.raises(SourceMissing, match="no folder"):
        find_pairs(tmp_path / "b")
    with pytest.raises(SourceError, match="is no folder"):
        find_pairs(tmp_path / "a.png")


def test_an_unknown_layout_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match=", ".join(LAYOUTS)):
        find_pairs(tmp_path, "sintel")


def test_a_pair_is_colour_metres_and_where_they_are_known(tmp_path):
    values = np.full((6, 8), 2.5, np.float32)
    values[0, :4] = [0, np.nan, np.inf, -1]
    colour, depth, valid = load_pair(write_pair(tmp_path, values))
    assert (colour.shape, colour.dtype) == ((6, 8, 3), np.uint8)
    assert (depth.shape, depth.dtype, valid.dtype) == ((6, 8), np.float32, bool)
    assert not valid[0, :4].any()
    assert (depth[0, :4] == 0).all()
    assert valid.sum() == 44
    assert (depth[valid] == 2.5).all()


def test_what_a_mask_leaves_out_is_not_known(tmp_path):
    mask = np.zeros((6, 8))
    mask[2, 3] = 1
    _, depth, valid = load_pair(write_pair(tmp_path, np.ones((6, 8)), mask=mask))
    assert np.argwhere(valid).tolist() == [[2, 3]]
    assert np.count_nonzero(depth) == 1


def test_a_mask_of_another_size_is_refused(tmp_path):
    with pytest.raises(SourceError, match="mask must have the depth's size"):
        load_pair(write_pair(tmp_path, np.ones((6, 8)), mask=np.ones((3, 4))))


def test_depth_may_be_smaller_but_not_of_another_shape(tmp_path):
    pair = write_pair(tmp_path, np.ones((480, 640)), colour_size=(1296, 968))
    assert load_pair(pair)[1].shape == (480, 640)
    np.save(pair.depth, np.ones((640, 480)))
    with pytest.raises(SourceError, match=r"a\.png is 1296x968 and .*a_depth\.npy 480x640"):
        load_pair(pair)


def test_depth_without_a_reading_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"a_depth\.npy has no reading"):
        load_pair(write_pair(tmp_path, np.zeros((6, 8))))


def test_a_damaged_picture_is_named(tmp_path):
    pair = write_pair(tmp_path, np.ones((6, 8)))
    pair.colour.write_bytes(b"no picture")
    with pytest.raises(SourceError, match=r"a\.png is not an image"):
        load_pair(pair)


def test_a_missing_file_of_a_pair_is_missing(tmp_path):
    with pytest.raises(SourceMissing):
        load_pair(RgbdPair(tmp_path / "a.png", tmp_path / "a.npy"))


def test_depth_is_resized_without_mixing_readings():
    depth = np.array([[0, 4], [4, 0]], np.float32)
    assert set(np.unique(resize_depth(depth, (5, 7)))) == {0, 4}
    assert resize_depth(depth, (5, 7)).shape == (7, 5)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared RGB-D frames are not here")
def test_real_frames_are_found_and_read():
    pairs = find_pairs(SHARED)
    assert [pair.colour.name for pair in pairs] == [f"color_{n}.png" for n in range(1, 6)]
    _, depth, valid = load_pair(pairs[0])
    assert 0.6 < valid.mean() < 0.8
    assert 1 < np.median(depth[valid]) < 5
