import tracemalloc

import numpy as np
import pytest

from streamdepth.engine.engine import Engine
from streamdepth.engine.runtime import check_batch
from streamdepth.errors import ModelError, UsageError
from streamdepth.frames import DepthMeaning
from streamdepth.models.registry import IMAGENET_MEAN, IMAGENET_STD, find_card
from streamdepth.pixels import ColourMatrix, Picture, bgr_to_i420


class Red:
    """A runtime whose depth is the red channel of its input."""

    name = "fake"
    precision = "fp32"

    def __init__(self):
        self.batches = []

    def infer(self, batch):
        check_batch(batch)
        self.batches.append(batch)
        return batch[:, 0].copy()


class Broken(Red):
    def __init__(self, value):
        super().__init__()
        self.value = value

    def infer(self, batch):
        depth = super().infer(batch)
        depth[0, 3, 4] = self.value
        return depth


def engine_of(runtime, size=256):
    return Engine(runtime, find_card("nano"), "ab" * 32, size)


class Sized(Red):
    def start_over(self):
        pass


@pytest.mark.parametrize(("runtime", "times"), [(Red(), 1), (Sized(), 2)])
def test_films_of_one_size_warm_it_up_once_unless_the_first_size_is_computed_otherwise(runtime, times):
    engine = engine_of(runtime)
    engine.warm_up(1280, 720)
    engine.start_over()
    engine.warm_up(640, 360)
    assert [batch.shape for batch in runtime.batches] == [(1, 3, 128, 256)] * times
    engine.warm_up(360, 640)
    assert runtime.batches[-1].shape == (1, 3, 256, 128)


def test_a_picture_becomes_a_depth_map_in_the_size_of_the_network():
    image = np.full((270, 480, 3), (1, 2, 200), np.uint8)
    depth = engine_of(Red()).estimate(image)
    assert depth.values.shape == (128, 256)
    assert depth.values.dtype == np.float32
    assert depth.meaning is DepthMeaning.INVERSE_RELATIVE
    np.testing.assert_allclose(depth.values, (200 / 255 - IMAGENET_MEAN[0]) / IMAGENET_STD[0], atol=1e-5)


@pytest.mark.parametrize("size", [(480, 270), (960, 540)])
def test_a_picture_of_planes_is_estimated_without_keeping_a_bgr_copy_of_it(size):
    image = np.full((size[1], size[0], 3), (10, 20, 200), np.uint8)
    planes = Picture.of_i420(bgr_to_i420(image, ColourMatrix.BT709))
    depth = engine_of(Red()).estimate(planes).values
    assert depth.shape == (128, 256)
    np.testing.assert_allclose(depth, engine_of(Red()).estimate(image).values, atol=0.04)
    assert "bgr" not in vars(planes)


def test_a_bgr_picture_gives_the_same_depth_wrapped_or_not():
    image = np.random.default_rng(2).integers(0, 256, (90, 160, 3), np.uint8)
    wrapped = engine_of(Red()).estimate(Picture.of_bgr(image)).values
    np.testing.assert_array_equal(wrapped, engine_of(Red()).estimate(image).values)


def test_the_size_asked_for_is_that_of_the_longer_side():
    engine = engine_of(Red(), size=128)
    assert engine.input_size(640, 480) == (128, 96)
    assert engine.estimate(np.zeros((640, 480, 3), np.uint8)).values.shape == (128, 96)


def test_the_input_is_prepared_in_the_same_memory_and_depth_maps_stay_as_they_were():
    runtime = Red()
    engine = engine_of(runtime)
    first = engine.estimate(np.zeros((64, 64, 3), np.uint8)).values
    kept = first.copy()
    engine.estimate(np.full((64, 64, 3), 255, np.uint8))
    assert runtime.batches[0] is runtime.batches[1]
    np.testing.assert_array_equal(first, kept)


def test_the_picture_may_change_its_size():
    engine = engine_of(Red())
    sizes = [engine.estimate(np.zeros((h, w, 3), np.uint8)).values.shape for h, w in ((90, 160), (160, 90))]
    assert sizes == [(128, 256), (256, 128)]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_depth_that_is_no_number_is_an_error(value):
    with pytest.raises(ModelError, match=r"nano gives values that are not finite on fake in fp32 \(use "):
        engine_of(Broken(value)).estimate(np.zeros((64, 64, 3), np.uint8))


@pytest.mark.parametrize("image", [None, np.zeros(5, np.uint8), np.zeros((4, 4, 3), np.float32)])
def test_what_is_no_picture_is_refused(image):
    with pytest.raises(UsageError, match="a picture must be"):
        engine_of(Red()).estimate(image)


def test_an_engine_says_what_it_runs():
    engine = engine_of(Red())
    assert (engine.name, engine.runtime_name, engine.precision) == ("nano", "fake", "fp32")
    assert engine.sha256 == "ab" * 32


@pytest.mark.parametrize("name", ["nano", "midas-small"])
def test_an_estimate_makes_no_array_as_large_as_the_picture(name):
    engine = Engine(Red(), find_card(name), "ab" * 32)
    image = np.zeros((1080, 1920, 3), np.uint8)
    engine.estimate(image)  # the buffers are there from now on
    tracemalloc.start()
    try:
        for _ in range(3):
            engine.estimate(image)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < image.nbytes / 2


def test_lanes_are_engines_of_the_same_network_with_buffers_of_their_own():
    class Laned(Red):
        def lanes(self, most):
            return (Red(), Red())

    engine = engine_of(Laned(), size=64)
    picture = Picture.of_bgr(np.zeros((64, 64, 3), np.uint8))
    first, second = engine.lanes
    assert engine.lanes[0] is first
    assert first.prepare(picture) is not second.prepare(picture)
    assert (first.name, first.sha256, first.input_size(640, 480)) == ("nano", "ab" * 32, (64, 64))
    alone = engine_of(Red())
    assert alone.lanes == (alone,)
