"""The path tracer of `scripts/nano`, on scenes whose depth and brightness are known by arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

for needed in ("embreex", "pyoidn"):
    pytest.importorskip(needed, reason=f"{needed} is not installed: see scripts/nano/requirements.txt")

from traced import drawing  # noqa: E402
from traced.camera import Camera, looking  # noqa: E402
from traced.drawing import Picture, chunk_name, write_chunk  # noqa: E402
from traced.lights import Lamp, Lights, Panel, direct  # noqa: E402
from traced.shapes import box, grid  # noqa: E402
from traced.sky import Sky  # noqa: E402
from traced.stage import Paint, Pose, Stage, plain  # noqa: E402
from traced.textures import SIDE, from_linear  # noqa: E402
from traced.tracer import Effort, measure, take  # noqa: E402
from traced.wavefront import read_materials, read_obj  # noqa: E402

from streamdepth.training.dataset import UNKNOWN  # noqa: E402
from streamdepth.training.scenes import open_chunks  # noqa: E402

BLACK = Sky(np.zeros((256, 512, 3), np.float32), np.float32([0, 1, 0]), np.zeros(3, np.float32))
GREY = plain((0.5, 0.5, 0.5))
AHEAD = Camera(np.zeros(3), np.diag([1.0, 1.0, -1.0]), tangent=0.8)
"""Looks along -z."""


def quad(stage: Stage, z: float, paint: Paint = GREY, side: float = 100.0) -> None:
    """A square across the axis of `AHEAD`, that looks at it."""
    corner = np.array([-side / 2, -side / 2, z])
    stage.add_quad("square", corner, np.array([side, 0, 0]), np.array([0, side, 0]), paint)


def slopes(height: int, width: int, tangent: float) -> tuple[np.ndarray, np.ndarray]:
    """Of the rays of a pinhole camera: right and up for each metre ahead."""
    unit = 2 * tangent / max(height, width)
    x = (np.arange(width) + 0.5 - width / 2) * unit
    y = -(np.arange(height) + 0.5 - height / 2) * unit
    return np.broadcast_arrays(x[None], y[:, None])


def test_depth_in_a_box_room_is_along_the_axis():
    stage = Stage()
    stage.add("room", box(4.0, 3.0, 10.0), [GREY], Pose(np.array([0.0, -1.2, 0.0])))
    inverse, _ = measure(stage.world(), AHEAD, 48, 64)
    x, y = slopes(48, 64, AHEAD.tangent)
    # The nearest is seen: side walls at 2 m, floor 1.2 m below, ceiling 1.8 m above, end at 5 m.
    expected = np.maximum.reduce([np.abs(x) / 2, -y / 1.2, y / 1.8, np.full(x.shape, 1 / 5)])
    np.testing.assert_allclose(inverse, expected, rtol=2e-4)


def test_depth_of_a_ball_is_that_of_the_formula():
    theta, phi = np.meshgrid(np.linspace(0, np.pi, 181), np.linspace(0, 2 * np.pi, 361), indexing="ij")
    ball = np.stack([np.sin(theta) * np.cos(phi), np.cos(theta), np.sin(theta) * np.sin(phi)], axis=-1)
    stage = Stage()
    stage.add("ball", grid(ball, np.zeros((181, 361, 2))), [GREY], Pose(np.array([0.3, -0.2, -3.0])))
    inverse, thing = measure(stage.world(), AHEAD, 64, 64)
    x, y = slopes(64, 64, AHEAD.tangent)
    # (depth * (x, y, -1) - middle)^2 = 1, the nearer of the two.
    square, half = x**2 + y**2 + 1, 0.3 * x - 0.2 * y + 3.0
    root = half**2 - square * (0.3**2 + 0.2**2 + 3.0**2 - 1)
    well_inside = root > 0.02
    expected = square / (half - np.sqrt(np.maximum(root, 0)))
    np.testing.assert_allclose(inverse[well_inside], expected[well_inside], rtol=1e-3)
    assert not inverse[root < -0.02].any()
    assert (thing[root < -0.02] == -1).all()


def test_a_turned_camera_sees_a_wall_at_its_slant():
    stage = Stage()
    quad(stage, -4.0)
    turned = looking(np.zeros(3), np.array([-np.sin(0.5), 0, -np.cos(0.5)]), 0.0, 0.3)
    inverse, _ = measure(stage.world(), turned, 21, 31)
    x, _ = slopes(21, 31, 0.3)
    np.testing.assert_allclose(inverse, (np.cos(0.5) + x * np.sin(0.5)) / 4, rtol=1e-4)


@pytest.mark.parametrize(
    ("paint", "depth"),
    [
        (plain((0.5, 0.5, 0.5), alpha=0.2), 5.0),
        (plain((0.5, 0.5, 0.5), alpha=0.8), 2.0),
        (plain((0.0, 0.0, 0.0), gloss=0.95, rough=0.0), 2.0),
    ],
    ids=["glass is seen through", "what is nearly opaque is seen", "a mirror is its surface"],
)
def test_depth_of_glass_and_mirrors(paint, depth):
    stage = Stage()
    quad(stage, -2.0, paint)
    quad(stage, -5.0)
    inverse, _ = measure(stage.world(), AHEAD, 8, 8)
    np.testing.assert_allclose(inverse, 1 / depth, rtol=1e-4)


def test_a_leaf_with_a_hole_is_seen_through_where_the_hole_is():
    cut = np.ones((SIDE, SIDE, 4), np.float32)
    cut[:, : SIDE // 2, 3] = 0
    stage = Stage()
    quad(stage, -2.0, Paint(np.eye(3) * 0.5, from_linear(cut)), side=4.0)
    quad(stage, -5.0)
    inverse, _ = measure(stage.world(), AHEAD, 16, 16)
    np.testing.assert_allclose(inverse[:, :8], 1 / 5, rtol=1e-4)
    np.testing.assert_allclose(inverse[:, 8:], 1 / 2, rtol=1e-4)


def test_a_lamp_lights_a_wall_by_the_inverse_square_and_the_cosine():
    stage = Stage()
    quad(stage, -2.0)
    lamp = Lamp(np.float32([0, 0, 0]), np.float32([8, 4, 2]), radius=1e-4, clear=0.01)
    taken = take(
        stage.world(),
        Lights(BLACK, (lamp,), sun=False),
        AHEAD,
        (33, 33),
        np.random.default_rng(0),
        Effort(rays=4),
    )
    x, y = slopes(33, 33, AHEAD.tangent)
    slant = 1 / np.sqrt(1 + x**2 + y**2)
    expected = 0.5 / np.pi * (slant / 2) ** 2 * slant
    middle = (slice(8, 25), slice(8, 25))
    np.testing.assert_allclose(taken.linear[middle][..., 0], 8 * expected[middle], rtol=0.06)
    np.testing.assert_allclose(taken.linear[middle][..., 2], 2 * expected[middle], rtol=0.06)


def test_a_panel_above_gives_what_its_form_factor_says():
    """A square of side 2 m, 1 m above: the form factor of four squares with a common corner."""
    corner = 2 / (np.pi * np.sqrt(2)) * np.arctan(1 / np.sqrt(2)) / 2
    panel = Panel(
        np.float32([-1, 1, -1]), np.float32([2, 0, 0]), np.float32([0, 0, 2]), np.float32([3, 3, 3])
    )
    stage = Stage()
    quad(stage, -50.0)
    place = np.zeros((40_000, 3), np.float32)
    up = np.broadcast_to(np.float32([0, 1, 0]), place.shape)
    light = direct(
        stage.world(), Lights(BLACK, panels=(panel,), sun=False), place, up, up, np.random.default_rng(1)
    )
    assert light.mean() == pytest.approx(3 * np.pi * 4 * corner, rel=0.02)


def test_a_blocked_lamp_gives_nothing_and_glass_lets_most_through():
    lights = Lights(BLACK, (Lamp(np.float32([0, 0, -4]), np.float32([16, 16, 16]), 1e-4, 0.01),), sun=False)
    place = np.zeros((20_000, 3), np.float32)
    towards = np.broadcast_to(np.float32([0, 0, -1]), place.shape)
    means = []
    for paint in (GREY, plain((0.5, 0.5, 0.5), alpha=0.25)):
        stage = Stage()
        quad(stage, -2.0, paint)
        means.append(direct(stage.world(), lights, place, towards, towards, np.random.default_rng(2)).mean())
    assert means[0] == 0
    assert means[1] == pytest.approx(0.75, rel=0.03)


def test_the_same_seed_takes_the_same_picture():
    stage = Stage()
    stage.add("room", box(4.0, 3.0, 10.0), [GREY], Pose(np.array([0.0, -1.2, 0.0])))
    lights = Lights(BLACK, (Lamp(np.float32([0, 1, 0]), np.ones(3, np.float32)),), sun=False)
    world = stage.world()
    first, again, other = (
        take(world, lights, AHEAD, (24, 32), np.random.default_rng(seed), Effort()).linear
        for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_chunk_is_drawn_once_and_read_by_the_training(tmp_path, monkeypatch):
    asked: list[tuple[int, ...]] = []

    def pictures(seeds, size):
        asked.append(tuple(seeds))
        colour = np.full((*size, 3), 7, np.uint8)
        return [Picture(colour, np.full(size, 0.25, np.float32), {"place": "box"}) for _ in seeds]

    monkeypatch.setattr(drawing, "draw_pictures", pictures)
    assert write_chunk(tmp_path, 2) == drawing.COUNT
    assert write_chunk(tmp_path, 2) == 0
    (chunk,) = open_chunks(tmp_path)
    assert chunk.name == chunk_name(2)
    assert asked == [tuple(range(chunk.name.first_seed, chunk.name.first_seed + drawing.COUNT))]
    np.testing.assert_array_equal(chunk.inverse_depth[0], np.full(chunk.name.size, 0.25))


def test_an_object_file_is_read_with_polygons_and_counts_from_the_end():
    text = b"mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 1\n"
    text += b"usemtl red\nf 1/1 2/1 3/2 4/2\nusemtl b\nf -4 -3 -2\n"
    library = b"newmtl red\nKd 1 0 0\nd 0.5\nmap_Kd a b.png\nnewmtl b\nKd 0 0 1\nKs 1 1 1\nNs 40\n"
    surface = read_obj(text, {"a.mtl": library}.get)
    np.testing.assert_array_equal(surface.faces, [[0, 1, 2], [0, 2, 3], [0, 1, 2]])
    np.testing.assert_array_equal(surface.uv[1], [[0, 0], [1, 1], [1, 1]])
    np.testing.assert_array_equal(surface.finish, [0, 0, 1])
    assert (surface.finishes[0].texture, surface.finishes[0].alpha) == ("a b.png", 0.5)
    assert read_materials(library)["b"].shininess == 40
    np.testing.assert_allclose(surface.normals, np.broadcast_to([0, 0, 1], (3, 3, 3)))


def test_houses_in_the_picture_of_an_environment_have_no_known_depth_and_the_sky_has():
    stage = Stage()
    stage.add("ground", box(2000, 1, 2000), [GREY], Pose(np.array([0.0, -2.5, 0.0])))
    sky = replace(BLACK, radiance=np.ones((256, 512, 3), np.float32), clear=20.0)
    rng, effort = np.random.default_rng(0), Effort(rays=1, first_lights=1)
    outside = take(stage.world(), Lights(sky, sun=False, open_air=True), AHEAD, (32, 32), rng, effort)
    x, y = slopes(32, 32, AHEAD.tangent)
    height = np.degrees(np.arcsin(y / np.sqrt(1 + x**2 + y**2)))
    np.testing.assert_array_equal(outside.inverse[height > 21], 0)
    np.testing.assert_array_equal(outside.inverse[(height > 1) & (height < 19)], UNKNOWN)
    assert (outside.inverse[height < -1] > 0).all()
    window = take(stage.world(), Lights(sky, sun=False), AHEAD, (32, 32), rng, effort)
    np.testing.assert_array_equal(window.inverse[height > 1], 0)


def test_what_is_behind_glass_is_left_out_and_what_is_behind_a_hole_is_not():
    hole = np.ones((SIDE, SIDE, 4), np.float32)
    hole[..., 3] = 0
    for paint, known in (
        (plain((0.5, 0.5, 0.5), alpha=0.2), False),
        (Paint(np.eye(3), from_linear(hole)), True),
    ):
        stage = Stage()
        corner, up = np.array([0.0, -50, -2]), np.array([0, 100.0, 0])
        stage.add_quad("right half", corner, np.array([50.0, 0, 0]), up, paint)
        quad(stage, -5.0)
        rng, effort = np.random.default_rng(0), Effort(rays=1)
        taken = take(stage.world(), Lights(BLACK, sun=False), AHEAD, (16, 16), rng, effort)
        np.testing.assert_allclose(taken.inverse[:, :8], 1 / 5, rtol=1e-4)
        np.testing.assert_allclose(taken.inverse[:, 8:], 1 / 5 if known else UNKNOWN, rtol=1e-4)


def test_a_mirror_shows_what_is_behind_the_camera():
    stage = Stage()
    quad(stage, -2.0, plain((0.0, 0.0, 0.0), gloss=0.95, rough=0.0))
    glow = plain((0.0, 0.0, 0.0), emission=(0.5, 0.25, 0.125))
    stage.add_quad("lamp", np.array([50, -50, 3.0]), np.array([-100.0, 0, 0]), np.array([0, 100.0, 0]), glow)
    taken = take(
        stage.world(), Lights(BLACK, sun=False), AHEAD, (16, 16), np.random.default_rng(0), Effort(rays=8)
    )
    np.testing.assert_allclose(
        taken.linear[4:12, 4:12].mean((0, 1)), np.array([0.5, 0.25, 0.125]) * 0.95, rtol=0.02
    )
