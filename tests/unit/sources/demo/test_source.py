"""The built-in moving scene and its true depth."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from streamdepth.errors import UsageError
from streamdepth.sources.demo import ground as _scene_ground
from streamdepth.sources.demo.source import DemoScene
from streamdepth.sources.demo.stage import MAX_YAW, PERIOD, Body, Stage, back_to_front, camera_at
from streamdepth.sources.demo.view import View, Window

MOMENTS = [0.0, 1.7, 3.1, 4.4, 6.2, 8.8]


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def live_scene(clock: Clock, duration: Fraction | int | None = None, rate: int = 10) -> DemoScene:
    return DemoScene(64, 36, Fraction(rate), duration, live=True, clock=clock, wait=clock.wait)


def bodies_at(seconds: float, view: View, seed: int = 0) -> list[Body]:
    return Stage(view.focal, np.random.default_rng(seed)).bodies(seconds)


def depth_of(body: Body, view: View) -> np.ndarray:
    """(H, W) inverse depth of one body, 0 elsewhere."""
    depth = np.zeros((view.height, view.width))
    window = body.window(view)
    if not window.empty:
        depth[window.slices] = body.inverse_depth(view, window)
    return depth


def test_the_same_seed_and_index_give_the_same_picture() -> None:
    assert np.array_equal(DemoScene(160, 90, seed=4).draw(7), DemoScene(160, 90, seed=4).draw(7))


def test_drawing_out_of_order_changes_nothing() -> None:
    scene = DemoScene(160, 90, noise=3.0)
    first = scene.draw(0)
    scene.draw(20)
    assert np.array_equal(scene.draw(0), first)


def test_another_seed_gives_another_picture() -> None:
    assert not np.array_equal(DemoScene(160, 90, seed=1).draw(0), DemoScene(160, 90, seed=2).draw(0))


def test_the_scene_moves_and_repeats_after_its_period() -> None:
    scene = DemoScene(160, 90)
    slots = round(PERIOD * 30)
    assert np.array_equal(scene.draw(0), scene.draw(slots))
    assert np.mean(cv2.absdiff(scene.draw(0), scene.draw(5)) > 8) > 0.05


@pytest.mark.parametrize(("width", "height"), [(16, 16), (17, 31), (333, 187), (90, 160), (640, 360)])
def test_any_size_can_be_drawn(width: int, height: int) -> None:
    scene = DemoScene(width, height)
    picture, depth = scene.draw(31), scene.true_inverse_depth(31)
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8
    assert depth.shape == (height, width)
    assert depth.dtype == np.float32
    assert np.isfinite(depth).all()
    assert depth.min() == 0.0
    assert 0.1 < depth.max() < 1.0


def test_no_part_of_the_picture_is_left_undrawn() -> None:
    scene = DemoScene(320, 180)
    for slot in (0, 75, 150, 225):
        picture = scene.draw(slot)
        assert (picture.max(axis=2) > 20).all()


@pytest.mark.parametrize("seconds", MOMENTS)
def test_each_body_is_painted_where_its_depth_says_it_is(seconds: float) -> None:
    view = camera_at(seconds, 640, 360, still=False)
    excess, edges = 0.0, 0
    for body in bodies_at(seconds, view):
        black, white = (np.full((360, 640, 3), level, np.uint8) for level in (0, 255))
        body.paint(black, view)
        body.paint(white, view)
        cover = 1.0 - (white.astype(float) - black).mean(axis=2) / 255
        solid = depth_of(body, view) > 0
        edge = cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0
        assert np.count_nonzero(cover[solid & ~edge] < 0.98) <= 6
        assert (cover[~solid & ~edge] < 0.02).all()
        # The edge is two pixels wide: a body that is a pixel off is wrong in more than this.
        assert np.count_nonzero((cover > 0.5) != solid) <= 0.22 * np.count_nonzero(edge)
        excess += cover.sum() - solid.sum()
        edges += np.count_nonzero(edge)
    assert abs(excess) < 0.09 * edges


@pytest.mark.parametrize("seed", [0, 3])
def test_what_is_painted_last_is_what_is_nearest(seed: int) -> None:
    for seconds in np.arange(0.0, PERIOD, 0.31):
        view = camera_at(float(seconds), 320, 180, still=False)
        bodies = back_to_front(bodies_at(float(seconds), view, seed), view)
        depths = np.stack([depth_of(body, view) for body in bodies])
        seen = depths.max(axis=0) > 0
        last = len(bodies) - 1 - (depths > 0)[::-1].argmax(axis=0)
        assert np.array_equal(depths.argmax(axis=0)[seen], last[seen])


def test_bodies_never_sink_into_the_ground_or_hide_behind_it() -> None:
    for seconds in MOMENTS:
        view = camera_at(seconds, 320, 180, still=False)
        ground = _scene_ground.inverse_depth(view)
        for body in bodies_at(seconds, view):
            depth = depth_of(body, view)
            assert np.all((depth == 0) | (depth >= ground - 1e-9))


def test_the_ground_has_the_depth_of_a_plane_below_the_eye() -> None:
    view = View(321, 181)
    rays = view.rays(Window(0, 0, 321, 181))
    below = rays[..., 1] > 0
    expected = np.where(below, rays[..., 1] / 1.6, 0.0)
    assert np.allclose(_scene_ground.inverse_depth(view), expected)


def test_the_depth_explains_how_the_ground_moves_between_frames() -> None:
    """Each pixel of the ground, placed in space by its depth, is found where the next camera sees that place."""
    size, moments = (640, 360), (0.0, 1.0)
    scene = DemoScene(*size, rate=Fraction(10))
    before, after = (scene.draw(round(10 * t)).astype(np.float32) for t in moments)
    old, new = (camera_at(t, *size, still=False) for t in moments)
    window = Window(0, 0, *size)
    depth = scene.true_inverse_depth(10)
    is_ground = np.isclose(depth, _scene_ground.inverse_depth(new), atol=1e-6) & (depth > 0.06)
    places = new.position + (new.rays(window) / np.maximum(depth, 1e-3)[..., None]) @ new.rotation
    sources = old.project(places).astype(np.float32)
    moved = cv2.remap(before, sources[..., 0], sources[..., 1], cv2.INTER_LINEAR, borderValue=(-1, -1, -1))
    known = is_ground & (moved.min(axis=2) >= 0)
    explained = np.median(np.abs(moved - after).max(axis=2)[known])
    unexplained = np.median(np.abs(before - after).max(axis=2)[known])
    assert known.mean() > 0.2
    assert unexplained > 10
    assert explained < 2.5


def test_the_camera_never_turns_further_than_the_background_reaches() -> None:
    turns = [abs(camera_at(t, 64, 36, still=False).yaw) for t in np.arange(0.0, PERIOD, 0.05)]
    assert 0.5 * MAX_YAW < max(turns) <= MAX_YAW


def test_a_still_camera_does_not_move_but_the_bodies_do() -> None:
    scene = DemoScene(320, 180, still_camera=True)
    still = cv2.absdiff(scene.draw(0), scene.draw(40)).max(axis=2) == 0
    assert still[:20].all()
    assert 0.5 < still.mean() < 0.99


def test_noise_has_the_strength_asked_for_and_changes_with_each_frame() -> None:
    clean = DemoScene(320, 180).draw(3).astype(float)
    noisy = DemoScene(320, 180, noise=4.0)
    grain = noisy.draw(3) - clean
    middle = (clean > 30) & (clean < 225)
    assert np.std(grain[middle]) == pytest.approx(4.0, rel=0.1)
    assert abs(np.mean(grain[middle])) < 0.2
    other = noisy.draw(4) - DemoScene(320, 180).draw(4).astype(float)
    assert abs(np.corrcoef(grain[middle], other[middle])[0, 1]) < 0.1


def test_as_a_file_it_yields_every_frame_in_order_and_ends() -> None:
    clock = Clock()
    scene = DemoScene(64, 36, Fraction(30000, 1001), Fraction(1, 5), clock=clock, wait=clock.wait)
    frames = list(iter(scene.read, None))
    assert scene.info.frame_count == len(frames) == 6
    assert [frame.index for frame in frames] == list(range(6))
    assert [frame.pts for frame in frames] == [Fraction(1001 * i, 30000) for i in range(6)]
    assert np.array_equal(frames[4].bgr, scene.draw(4))
    assert clock.waits == []
    assert scene.read() is None


def test_its_info_says_what_it_is() -> None:
    info = DemoScene(64, 36, Fraction(25), None).info
    assert (info.width, info.height, info.rate, info.live) == (64, 36, Fraction(25), False)
    assert (info.kind, info.time_base, info.frame_count) == ("demo", Fraction(1, 25), None)


def test_live_it_waits_until_each_frame_is_due() -> None:
    clock = Clock()
    scene = live_scene(clock)
    frames = [scene.read() for _ in range(3)]
    assert [frame.captured_at for frame in frames if frame] == pytest.approx([100.0, 100.1, 100.2])
    assert clock.waits == pytest.approx([0.1, 0.1])
    assert [frame.index for frame in frames if frame] == [0, 1, 2]


def test_live_a_late_reader_gets_the_frame_of_now() -> None:
    clock = Clock()
    scene = live_scene(clock)
    scene.read()
    clock.now += 0.57
    late = scene.read()
    assert late is not None
    assert clock.waits == []
    assert (late.index, late.pts) == (1, Fraction(1, 2))
    assert late.captured_at == pytest.approx(100.5)
    assert np.array_equal(late.bgr, scene.draw(5))
    after = scene.read()
    assert after is not None
    assert (after.index, after.pts) == (2, Fraction(6, 10))


def test_live_it_ends_by_the_clock() -> None:
    clock = Clock()
    scene = live_scene(clock, duration=1)
    scene.read()
    clock.now += 5.0
    assert scene.read() is None


def test_live_a_slow_rate_is_within_the_read_timeout() -> None:
    clock = Clock()
    scene = DemoScene(64, 36, Fraction(1, 20), None, live=True, clock=clock, wait=clock.wait)
    scene.read()
    scene.read()
    assert max(clock.waits) < scene.info.read_timeout


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 8},
        {"height": 9000},
        {"rate": Fraction(0)},
        {"duration": 0},
        {"noise": -1.0},
        {"noise": float("nan")},
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"demo scene|noise"):
        DemoScene(**wrong)  # type: ignore[arg-type]
