"""The user's pictures as fine-tuning sees them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.errors import SourceError, UsageError
from streamdepth.evaluation.rgbd import find_pairs
from streamdepth.training.dataset import (
    UNKNOWN,
    RgbdFolder,
    Samples,
    divide,
    examine,
    load_sample,
    usable,
    usual_picture_size,
)
from streamdepth.training.settings import DataSettings
from streamdepth.training.views import ViewMaker, picture_order


class Listener:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.read: list[tuple[int, int]] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def examined(self, done: int, total: int) -> None:
        self.read.append((done, total))


def write_pair(folder: Path, name: str, depth: np.ndarray, size: tuple[int, int] | None = None) -> None:
    """Colour whose brightness is depth / 20, with depth in millimetres."""
    folder.mkdir(exist_ok=True)
    grey = (depth / 20).clip(0, 255).astype(np.uint8)
    colour = np.repeat(grey[:, :, None], 3, axis=2)
    cv2.imwrite(str(folder / f"{name}.png"), cv2.resize(colour, size) if size else colour)
    cv2.imwrite(str(folder / f"{name}_depth.png"), depth.astype(np.uint16))


def ramp(height: int = 64, width: int = 96) -> np.ndarray:
    """Millimetres, 1 m on the left to 4 m on the right."""
    return np.broadcast_to(np.linspace(1000, 4000, width), (height, width)).copy()


def folder_of(path: Path) -> RgbdFolder:
    return RgbdFolder(path, tuple(find_pairs(path)))


def ramps(path: Path, count: int) -> RgbdFolder:
    for index in range(count):
        write_pair(path, f"p{index}", ramp())
    return folder_of(path)


def test_a_sample_keeps_depth_in_metres_and_marks_what_is_missing(tmp_path: Path) -> None:
    depth = ramp()
    depth[:10] = 0
    write_pair(tmp_path, "a", depth)
    sample = load_sample(find_pairs(tmp_path)[0], (96, 64))
    assert sample.bgr.shape == (64, 96, 3)
    assert (sample.inverse[:10] == UNKNOWN).all()
    assert sample.inverse.max() == 1
    np.testing.assert_allclose(sample.metres, depth / 1000, rtol=2e-3, atol=1e-9)


def test_a_large_picture_is_kept_a_little_larger_than_the_view(tmp_path: Path) -> None:
    write_pair(tmp_path, "a", ramp(400, 600))
    sample = load_sample(find_pairs(tmp_path)[0], (96, 64))
    assert sample.bgr.shape == (80, 120, 3)
    assert sample.inverse.shape == (80, 120)


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    write_pair(tmp_path, "a", ramp(40, 60))
    assert load_sample(find_pairs(tmp_path)[0], (96, 64)).bgr.shape == (40, 60, 3)


def test_depth_of_another_size_than_colour_is_brought_to_it(tmp_path: Path) -> None:
    write_pair(tmp_path, "a", ramp(32, 48), size=(96, 64))
    sample = load_sample(find_pairs(tmp_path)[0], (96, 64))
    assert sample.bgr.shape[:2] == sample.inverse.shape == (64, 96)


def test_without_a_split_the_last_pictures_are_held_out(tmp_path: Path) -> None:
    folder = ramps(tmp_path, 12)
    training, validation = divide(folder, DataSettings(validation=0.25))
    assert [pair.colour.stem for pair in validation] == ["p9", "p10", "p11"]
    assert len(training) == 9


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_split_file_names_what_is_held_out(tmp_path: Path, encoding: str) -> None:
    folder = ramps(tmp_path / "data", 4)
    split = tmp_path / "split.txt"
    split.write_text("p1.png\r\n# held out\n\np2.png\n", encoding)
    training, validation = divide(folder, DataSettings(split=split))
    assert [pair.colour.stem for pair in training] == ["p0", "p3"]
    assert [pair.colour.stem for pair in validation] == ["p1", "p2"]


def test_a_split_file_with_unknown_names_is_refused(tmp_path: Path) -> None:
    folder = ramps(tmp_path / "data", 3)
    split = tmp_path / "split.txt"
    split.write_text("p1.png\nelsewhere.png\n")
    with pytest.raises(UsageError, match=r"1 pictures that are in no pair, such as elsewhere\.png"):
        divide(folder, DataSettings(split=split))


def test_a_split_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.txt cannot be read"):
        divide(ramps(tmp_path / "data", 3), DataSettings(split=tmp_path / "none.txt"))


def test_a_single_pair_cannot_be_divided(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="0 are left to learn from"):
        divide(ramps(tmp_path, 1), DataSettings())


def test_bad_pairs_are_all_told_and_refused_in_one_sentence(tmp_path: Path) -> None:
    ramps(tmp_path, 4)
    for index in range(5):
        write_pair(tmp_path, f"zero{index}", np.zeros((64, 96)))
    write_pair(tmp_path, "tall", ramp(), size=(64, 96))
    listener = Listener()
    samples = Samples(find_pairs(tmp_path), (96, 64))
    with pytest.raises(SourceError, match="6 of 10 pairs cannot be used") as raised:
        usable([(samples, None)], listener, skip=False)
    assert len(listener.lines) == 6
    assert sum("no reading" in line for line in listener.lines) == 5
    assert sum("do not show the same" in line for line in listener.lines) == 1
    assert "and 3 more" in str(raised.value)
    assert "--skip-unusable" in raised.value.cure
    assert listener.read[-1] == (10, 10)


def test_a_long_report_is_bounded(tmp_path: Path) -> None:
    for index in range(25):
        write_pair(tmp_path, f"zero{index}", np.zeros((8, 8)))
    listener = Listener()
    with pytest.raises(SourceError, match="25 of 25"):
        usable([(Samples(find_pairs(tmp_path), (32, 32)), None)], listener, skip=True)
    assert len(listener.lines) == 21
    assert listener.lines[-1] == "and 5 more"


def test_bad_pairs_can_be_left_out(tmp_path: Path) -> None:
    ramps(tmp_path, 3)
    write_pair(tmp_path, "a_zero", np.zeros((64, 96)))
    (left,) = usable([(Samples(find_pairs(tmp_path), (96, 64)), None)], Listener(), skip=True)
    assert [sample.pair.colour.stem for sample in left] == ["p0", "p1", "p2"]


def test_bad_pairs_of_both_halves_are_told_at_once(tmp_path: Path) -> None:
    ramps(tmp_path, 3)
    write_pair(tmp_path, "a_zero", np.zeros((64, 96)))
    write_pair(tmp_path, "z_far", ramp() + 30_000)
    listener = Listener()
    with pytest.raises(SourceError, match="2 of 5 pairs cannot be used"):
        examine(folder_of(tmp_path), (96, 64), DataSettings(), listener)
    assert [line.split("/")[-1].partition(" ")[0] for line in listener.lines] == [
        "a_zero_depth.png",
        "z_far_depth.png",
    ]
    with pytest.raises(SourceError, match=r"1 of 1 pairs cannot be used: .*z_far.*: the nearest is at 31 m"):
        examine(folder_of(tmp_path), (96, 64), DataSettings(skip_unusable=True), Listener())


def test_held_out_pictures_need_a_reading_within_the_cap(tmp_path: Path) -> None:
    ramps(tmp_path, 3)
    write_pair(tmp_path, "q", ramp() + 30_000)
    with pytest.raises(SourceError, match="no reading within 10 m"):
        examine(folder_of(tmp_path), (96, 64), DataSettings(), Listener())
    material = examine(folder_of(tmp_path), (96, 64), DataSettings(cap=80), Listener())
    assert (len(material.training), len(material.validation)) == (3, 1)


def test_what_does_not_fit_into_memory_is_read_again(tmp_path: Path) -> None:
    samples = Samples(ramps(tmp_path, 2).pairs, (96, 64), memory=5 * 64 * 96)
    assert samples[0] is samples[0]
    assert samples[1] is not samples[1]
    np.testing.assert_array_equal(samples[1].inverse, samples[1].inverse)


def test_the_size_of_the_pictures_is_that_of_the_first(tmp_path: Path) -> None:
    assert usual_picture_size(ramps(tmp_path, 2)) == (96, 64)
    with pytest.raises(SourceError, match="no pairs"):
        usual_picture_size(RgbdFolder(tmp_path, ()))


def test_an_epoch_shows_each_picture_once_and_another_one_in_another_order() -> None:
    first, second = picture_order(50, 1, 0, 50), picture_order(50, 1, 50, 50)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second
    assert picture_order(50, 2, 0, 50) != first
    assert picture_order(50, 1, 40, 20) == [*first[40:], *second[:10]]


def test_views_keep_depth_with_the_picture_and_know_what_is_missing(tmp_path: Path) -> None:
    depth = ramp()
    depth[:, :30] = 0
    write_pair(tmp_path, "a", depth)
    maker = ViewMaker(Samples(find_pairs(tmp_path), (64, 32)), (64, 32), batch=6, seed=1)
    batch = maker.batch_at(0, np.random.default_rng(0))
    assert batch.image.shape == (6, 3, 32, 64)
    assert batch.truth.shape == batch.mask.shape == (6, 32, 64)
    assert (batch.truth[~batch.mask] == UNKNOWN).all()
    assert batch.mask.any()
    assert not batch.mask.all()
    # the ramp goes from 1.95 m to 4 m where there are readings: nothing else may come out of a crop
    assert batch.truth[batch.mask].min() > 1.95 / 4 - 0.01
