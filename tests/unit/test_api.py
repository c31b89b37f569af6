"""The Python interface: whatever holds a picture, the depth of a whole input, and what is warned of."""

from __future__ import annotations

import gc
import threading
import time
import warnings
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import streamdepth
from streamdepth import api
from streamdepth.engine import Engine
from streamdepth.errors import NoFrameYet, SourceError, SourceMissing, UsageError
from streamdepth.frames import DepthMap, Frame, SourceInfo
from streamdepth.pixels import Picture

BOUND = 30.0


@pytest.fixture(scope="module")
def engine():
    return streamdepth.load_engine(model="nano", engine="onnxruntime", precision="fp32", threads=1)


@pytest.fixture(scope="module")
def photo():
    """(64, 96, 3) uint8 BGR, nowhere grey: the order of its channels matters."""
    image = np.random.default_rng(3).integers(0, 255, (64, 96, 3), np.uint8)
    image[..., 0] //= 4
    return image


def same(one, other):
    return np.array_equal(one.values, other.values)


def test_dir_shows_the_public_names():
    assert dir(streamdepth) == sorted(streamdepth.__all__)


def test_a_path_is_read(engine, photo, tmp_path):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), photo)
    expected = engine.estimate(photo)
    assert same(engine.estimate(path), expected)
    assert same(engine.estimate(str(path)), expected)


def test_arrays_may_say_that_they_are_rgb(engine, photo):
    rgb = photo[..., ::-1]
    assert same(engine.estimate(rgb, channels="rgb"), engine.estimate(photo))
    assert not same(engine.estimate(rgb), engine.estimate(photo))
    assert same(engine.estimate(Picture.of_bgr(photo)), engine.estimate(photo))


def test_a_picture_of_pillow_is_taken_upright_and_over_black(engine, photo):
    pillow = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    whole = pillow.fromarray(np.ascontiguousarray(photo[..., ::-1]))
    assert same(engine.estimate(whole), engine.estimate(photo))
    turned = pillow.fromarray(np.ascontiguousarray(np.rot90(photo)[..., ::-1]))
    turned.getexif()[0x0112] = 6  # to be turned clockwise
    assert same(engine.estimate(turned), engine.estimate(photo))
    alpha = np.zeros((64, 96), np.uint8)
    alpha[:, :48] = 255
    glass = whole.copy()
    glass.putalpha(pillow.fromarray(alpha))
    assert same(engine.estimate(glass), engine.estimate(photo * (alpha[..., None] // 255)))
    grey = np.arange(64 * 96, dtype=np.uint16).reshape(64, 96) * 10
    eight = np.repeat((grey / 257).round().astype(np.uint8)[..., None], 3, axis=2)
    assert same(engine.estimate(pillow.fromarray(grey)), engine.estimate(eight))
    with pytest.raises(UsageError, match="mode F holds numbers, not colours"):
        engine.estimate(whole.convert("F"))


@pytest.mark.parametrize(
    ("image", "error", "says"),
    [
        (None, UsageError, "must be an array"),
        (np.zeros((4, 4), np.uint8), UsageError, "uint8 BGR"),
        (np.zeros((4, 4, 3), np.float32), UsageError, "uint8 BGR"),
        ("gone.jpg", SourceMissing, "there is no file gone.jpg"),
        ("rtsp://me:word@cam/1", UsageError, r"rtsp://\*\*\*@cam/1 is an address"),
    ],
)
def test_what_is_no_picture_is_refused(engine, image, error, says):
    with pytest.raises(error, match=says) as caught:
        engine.estimate(image)
    assert "word" not in str(caught.value)


def test_channels_that_there_are_not_are_refused(engine, photo):
    with pytest.raises(UsageError, match="no channels 'bgra'"):
        engine.estimate(photo, channels="bgra")


def test_the_old_name_of_engine_goes_on_with_a_warning():
    with pytest.warns(DeprecationWarning, match=r"load_engine\(engine=") as caught:
        loaded = streamdepth.load_engine("nano", runtime="onnxruntime", precision="fp32")
    assert loaded.runtime_name == "onnxruntime"
    assert caught[0].filename == __file__


class Card:
    name = "nano"


def loaded_as(monkeypatch, name):
    card = Card()
    card.name = name
    monkeypatch.setattr(api, "load_any_engine", lambda *_, **__: Engine(None, card, "0"))


def test_that_auto_fell_back_to_nano_is_warned_of(monkeypatch):
    loaded_as(monkeypatch, "nano")
    with pytest.warns(UserWarning, match="smaller network nano .*models fetch midas-small"):
        streamdepth.load_engine()


@pytest.mark.parametrize(("asked", "name"), [("nano", "nano"), ("auto", "midas-small")])
def test_what_was_asked_for_is_not_warned_of(monkeypatch, asked, name):
    loaded_as(monkeypatch, name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        streamdepth.load_engine(asked)


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for light in range(20):
            image = np.full((64, 96, 3), 10 * light, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    return path


def ours():
    return {thread for thread in threading.enumerate() if thread.name.startswith("streamdepth-")}


def wait_until(condition):
    end = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_every_picture_of_a_file_comes_in_order_with_its_depth(engine, clip):
    depths = list(streamdepth.stream(clip, engine))
    assert [depth.frame.pts for depth in depths] == [Fraction(n, 25) for n in range(20)]
    assert all(depth.values.dtype == np.float32 for depth in depths)
    assert same(depths[7], engine.estimate(depths[7].frame.picture))
    assert not ours()


class Live:
    """A camera that gives a picture each millisecond, for ever unless told otherwise."""

    info = SourceInfo(96, 64, None, live=True, read_timeout=1.0, kind="camera")

    def __init__(self, error=None):
        self.closed, self.index, self.error = 0, 0, error

    def read(self):
        if self.error and self.index == 5:
            raise self.error
        if self.index % 7 == 6:
            self.index += 1
            raise NoFrameYet
        time.sleep(0.001)
        self.index += 1
        picture = Picture.of_bgr(np.zeros((64, 96, 3), np.uint8))
        return Frame(self.index, Fraction(self.index, 1000), time.monotonic(), picture)

    def close(self):
        self.closed += 1


class Quick:
    def __init__(self):
        self.begun = 0

    def estimate(self, image):
        self.begun += 1
        return DepthMap(np.zeros((2, 3), np.float32))


def test_a_loop_that_is_broken_off_closes_everything():
    source = Live()
    for depth in streamdepth.stream(source, Quick()):
        if depth.frame.index > 10:
            break
    gc.collect()
    wait_until(lambda: source.closed and not ours())
    assert source.closed == 1


def test_an_error_in_the_loop_closes_everything():
    def fail(depths):
        with depths:
            return next(depths).values.shape[7]

    source = Live()
    with pytest.raises(IndexError):
        fail(streamdepth.stream(source, Quick()))
    assert source.closed == 1
    assert not ours()


def test_close_ends_it_at_once_and_may_be_called_again():
    source = Live()
    depths = streamdepth.stream(source, Quick())
    assert next(depths).values.shape == (2, 3)
    depths.close()
    depths.close()
    assert list(depths) == []
    assert source.closed == 1
    assert not ours()


def test_of_a_live_source_the_newest_comes_however_slow_the_loop_is():
    source, engine = Live(), Quick()
    with streamdepth.stream(source, engine) as depths:
        first = next(depths).frame.index
        wait_until(lambda: source.index > first + 60)
        begun = engine.begun
        wait_until(
            lambda: engine.begun > begun + 3
        )  # by then the second of them, taken since, has been shown
        assert next(depths).frame.index > first + 20


def test_what_goes_wrong_in_the_middle_is_raised_by_the_loop():
    source = Live(SourceError("the cable is out", "plug it in"))
    with pytest.raises(SourceError, match="the cable is out"):
        list(streamdepth.stream(source, Quick()))
    assert source.closed == 1
    assert not ours()


def test_what_is_not_there_is_raised_by_the_loop(engine):
    with pytest.raises(SourceMissing, match=r"no file or folder gone\.mp4"):
        next(streamdepth.stream("gone.mp4", engine))


def test_limits_end_a_stream(engine, clip):
    assert len(list(streamdepth.stream(clip, engine, limits=streamdepth.Limits(frames=4)))) == 4


def test_a_stream_that_nobody_began_has_opened_nothing(engine, tmp_path):
    streamdepth.stream(tmp_path / "gone.mp4", engine).close()
    assert Path(tmp_path / "gone.mp4").exists() is False


def test_an_engine_of_its_own_is_loaded_by_the_name_of_the_model(clip):
    with streamdepth.stream(str(clip), model="nano", limits=streamdepth.Limits(frames=1)) as depths:
        assert next(depths).values.ndim == 2
