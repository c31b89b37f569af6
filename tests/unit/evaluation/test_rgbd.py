from __future__ import annotations

import cv2
import numpy as np
import pytest
from places import SHARED

from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.errors import SourceError, SourceMissing, UsageError
from streamdepth.evaluation.rgbd import LAYOUTS, RgbdPair, find_pairs, load_pair, resize_depth

SHARED = SHARED / "rgbd_dev"
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


@pytest.mark.parametrize("layout", ["auto", "hypersim"])
@pytest.mark.parametrize(
    ("colour", "depth"),
    [
        ("frame.0007.tonemap.jpg", "frame.0007.depth_meters.npy"),
        (
            "ai_001_001/images/scene_cam_00_final_preview/frame.0007.tonemap.jpg",
            "ai_001_001/images/scene_cam_00_geometry_hdf5/frame.0007.depth_meters.npy",
        ),
    ],
)
def test_hypersim_is_in_metres(tmp_path, layout, colour, depth):
    touch(
        tmp_path, colour, depth, colour.replace("tonemap", "gamma"), depth.replace("depth_meters", "normal")
    )
    assert found(tmp_path, layout) == [(colour, depth)]
    assert find_pairs(tmp_path, layout)[0].unit == DepthUnit(DepthKind.METRES)


@pytest.mark.parametrize("layout", ["auto", "vkitti"])
def test_virtual_kitti_is_in_centimetres(tmp_path, layout):
    colour, depth = (f"Scene01/clone/frames/{kind}/Camera_1/{kind}_00003" for kind in ("rgb", "depth"))
    touch(tmp_path, f"{colour}.jpg", f"{depth}.png", colour.replace("_1", "_0") + ".jpg")
    assert found(tmp_path, layout) == [(f"{colour}.jpg", f"{depth}.png")]
    assert find_pairs(tmp_path, layout)[0].unit == DepthUnit(DepthKind.METRES, 100)


@pytest.mark.parametrize(
    ("colour", "depth"),
    [
        ("image0001.png", "depth0001.exr"),
        ("render/Image0250.png", "render/Depth0250.exr"),
        ("rgb12.jpg", "Z12.exr"),
        ("lowres_wide/1.png", "lowres_wide/1_depth.png"),
        ("final/frame_0001.png", "final/frame_0001_depth.dpt"),
    ],
)
def test_renders_are_paired_by_their_numbers(tmp_path, colour, depth):
    touch(tmp_path, colour, depth)
    assert found(tmp_path) == [(colour, depth)]


TUM = DepthUnit(DepthKind.METRES, 5000)


@pytest.mark.parametrize("layout", ["auto", "tum"])
def test_pictures_and_depth_of_different_moments_are_paired_by_time(tmp_path, layout):
    touch(tmp_path, *(f"fr1/rgb/{n}.png" for n in ("10.000000", "10.040000", "10.080000", "11.000000")))
    touch(tmp_path, *(f"fr1/depth/{n}.png" for n in ("10.015000", "10.035000", "10.098000", "12.000000")))
    assert found(tmp_path, layout) == [
        ("fr1/rgb/10.000000.png", "fr1/depth/10.015000.png"),
        ("fr1/rgb/10.040000.png", "fr1/depth/10.035000.png"),
        ("fr1/rgb/10.080000.png", "fr1/depth/10.098000.png"),
    ]
    assert find_pairs(tmp_path, layout)[0].unit == TUM


@pytest.mark.parametrize("line", ["0.5 {colour} 0.7 {depth}", "1 {depth} 1 {colour}"])
@pytest.mark.parametrize("name", ["associations.txt", "associate.txt"])
def test_a_list_says_what_belongs_together(tmp_path, line, name):
    colour, depth = "rgb/1305031102.175304.png", "depth/1305031102.970407.png"
    touch(tmp_path, f"x/{colour}", f"x/{depth}")
    (tmp_path / "x" / name).write_text("# a head\n\n" + line.format(colour=colour, depth=depth) + "\n")
    assert found(tmp_path) == [(f"x/{colour}", f"x/{depth}")]
    assert find_pairs(tmp_path)[0].unit == TUM


def test_two_lists_of_one_set_do_not_make_its_pictures_count_twice(tmp_path):
    touch(tmp_path, "rgb/1.500.png", "depth/1.510.png")
    (tmp_path / "associations.txt").write_text("1.5 rgb/1.500.png 1.51 depth/1.510.png")
    (tmp_path / "associate.txt").write_text("1.51 depth/1.510.png 1.5 rgb/1.500.png")
    assert found(tmp_path) == [("rgb/1.500.png", "depth/1.510.png")]


def test_a_file_that_a_list_names_and_nobody_has_is_told(tmp_path):
    touch(tmp_path, "rgb/1.5.png")
    (tmp_path / "associations.txt").write_text("1 rgb/1.5.png 1 depth/1.5.png")
    with pytest.raises(SourceError, match=r"names .*1\.5\.png, which is not there"):
        find_pairs(tmp_path)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("x_depth.jpg", "is a JPEG, which keeps no depth"),
        ("frame.0000.depth_meters.hdf5", "is HDF5, which is not supported"),
        ("depth/x.mat", "is a file of MATLAB"),
    ],
)
def test_what_bears_the_name_of_depth_and_holds_none_is_told(tmp_path, name, why):
    touch(tmp_path, "x.jpg", "frame.0000.tonemap.jpg", name)
    with pytest.raises(SourceError, match=why) as caught:
        find_pairs(tmp_path)
    assert ".npy" in caught.value.cure


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
    with pytest.raises(SourceError, match="is not a folder"):
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
