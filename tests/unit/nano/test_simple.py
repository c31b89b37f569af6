"""The drawn scenes: the same for a seed, exact in depth, flat where pictures hang."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from simple import GENERATOR_VERSION, SceneBatch, draw_scenes
from simple.atlas import Atlas, pack
from simple.building import WORLD, Builder, Pose, rotation
from simple.geometry import Rays, Shape, between, blocked, seen_by, trace
from simple.layouts import KINDS, plan_scene
from simple.light import surfaces
from simple.materials import Material, flat
from simple.patterns import SIZE, draw_patterns, layers
from simple.rendering import camera_rays, corners, render, stacked
from simple.scene import Camera, Effects, Lamp, Light, Scene

from streamdepth.errors import UsageError

GREY = flat(0.5)
NOON = Light(
    key=Lamp(np.array([0.0, 1.0, 0.0]), False, np.ones(3), shadow=True),
    fill=Lamp(np.array([0.0, 1.0, 0.0]), False, np.zeros(3)),
    above=np.full(3, 0.2),
    below=np.full(3, 0.2),
    horizon=np.full(3, 0.5),
    zenith=np.full(3, 0.5),
)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tensors this small are slower on several threads, above all on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return pack(torch.from_numpy(draw_patterns()))


def seen(
    builder: Builder, atlas: Atlas, size: tuple[int, int] = (32, 48), light: Light = NOON, *, up: float = 0.0
) -> SceneBatch:
    """What a camera at (0, `up`, 0) that looks along z with a tangent of 0.5 sees."""
    eye = np.array([0.0, up, 0.0])
    scene = Scene(Camera(eye, np.eye(3), 0.5), light, Effects(), builder.finish(eye))
    return render([scene], [1], size, atlas)


def slope_of_rows(height: int, width: int) -> np.ndarray:
    """Height over depth of the ray of each row of pixels."""
    return (height / 2 - np.arange(height) - 0.5) * 2 * 0.5 / width


def test_a_seed_draws_the_same_scene_in_any_batch() -> None:
    together, alone = draw_scenes([5, 9, 5], height=32, width=40), draw_scenes([9], height=32, width=40)
    assert torch.equal(together.colour[1], alone.colour[0])
    assert torch.equal(together.inverse_depth[1], alone.inverse_depth[0])
    assert torch.equal(together.colour[0], together.colour[2])
    assert not torch.equal(together.colour[0], together.colour[1])


def test_scenes_drawn_in_one_piece_as_on_a_gpu_are_those_drawn_one_by_one(atlas: Atlas) -> None:
    seeds = [3, 4, 11]
    scenes = [plan_scene(seed) for seed in seeds]
    together = render(scenes, seeds, (40, 56), atlas)
    for i, (scene, seed) in enumerate(zip(scenes, seeds, strict=True)):
        alone = render([scene], [seed], (40, 56), atlas)
        torch.testing.assert_close(together.inverse_depth[i], alone.inverse_depth[0])
        assert (together.colour[i].float() - alone.colour[0].float()).abs().mean() < 0.5


def test_neither_the_generator_of_torch_nor_that_of_numpy_is_touched() -> None:
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    draw_scenes([1], height=16, width=16)
    assert torch.equal(torch.rand(3), expected)


def test_a_batch_has_the_promised_shapes_types_and_ranges() -> None:
    batch = draw_scenes(range(4), height=24, width=40)
    assert batch.colour.shape == (4, 3, 24, 40)
    assert batch.colour.dtype == torch.uint8
    assert batch.inverse_depth.shape == (4, 24, 40)
    assert batch.inverse_depth.dtype == torch.float32
    assert batch.inverse_depth.min() >= 0
    assert batch.inverse_depth.max() < 100
    assert GENERATOR_VERSION >= 1


def test_a_network_can_be_trained_on_a_batch() -> None:
    batch = draw_scenes([1], height=16, width=16)
    weight = torch.ones(1, requires_grad=True)
    ((weight * batch.colour.float().mean(1) - batch.inverse_depth) * batch.inverse_depth).sum().backward()
    assert weight.grad is not None
    assert weight.grad.isfinite().all()


@pytest.mark.parametrize(("seeds", "size"), [([], 16), ([-1], 16), ([1], 0)])
def test_impossible_requests_are_refused_with_a_cure(seeds: list[int], size: int) -> None:
    with pytest.raises(UsageError, match="seeds from 0 up"):
        draw_scenes(seeds, height=size, width=size)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_scene_has_finite_depth_and_a_picture_with_something_in_it(
    kind: str, atlas: Atlas
) -> None:
    scenes = [KINDS[kind][0](np.random.default_rng(seed)) for seed in range(3)]
    batch = render(scenes, [0, 1, 2], (32, 32), atlas)
    assert batch.inverse_depth.isfinite().all()
    assert (batch.inverse_depth > 0).float().mean() > 0.2
    assert batch.colour.float().flatten(1).std(dim=1).max() > 8
    assert all((scene.solids.half > 0).all() for scene in scenes)


def test_scenes_are_of_the_kinds_that_were_asked_for() -> None:
    among, alone = (
        [plan_scene(seed, kinds) for seed in range(12)] for kinds in (("jumble", "road"), ("road",))
    )
    roads = [len(scene.solids.shape) for scene in alone]
    assert 0 < sum(len(scene.solids.shape) in roads for scene in among) < 12
    wide = draw_scenes([0], height=32, width=96, kinds=("road",))
    np.testing.assert_array_equal(wide.colour, draw_scenes([0], height=32, width=96, kinds=("road",)).colour)
    assert not np.array_equal(wide.colour, draw_scenes([0], height=32, width=96, kinds=("room",)).colour)


def test_a_kind_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no scenes of kind 'moon'.*choose from room, "):
        draw_scenes([1], kinds=("road", "moon"))


def test_the_shares_of_the_kinds_add_up_to_one() -> None:
    assert sum(share for _, share in KINDS.values()) == pytest.approx(1.0)


def test_the_ground_recedes_as_the_height_of_the_camera_over_the_slope_of_the_ray(atlas: Atlas) -> None:
    builder = Builder()
    builder.box(WORLD.at(0, -1, 0), (1e4, 1, 1e4), GREY)
    inverse = seen(builder, atlas, up=1.5).inverse_depth[0].numpy()
    expected = np.clip(-slope_of_rows(32, 48) / 1.5, 0, None)
    np.testing.assert_allclose(inverse, np.repeat(expected[:, None], 48, axis=1), rtol=1e-4, atol=1e-6)


def test_the_sky_has_inverse_depth_zero(atlas: Atlas) -> None:
    builder = Builder()
    builder.box(WORLD.at(0, -1, 0), (1e4, 1, 1e4), GREY)
    inverse = seen(builder, atlas, up=1.5).inverse_depth[0]
    assert (inverse[:16] == 0).all()
    assert (inverse[16:] > 0).all()


def test_depth_is_along_the_optical_axis_and_not_along_the_ray(atlas: Atlas) -> None:
    builder = Builder()
    builder.box(WORLD.at(0, 0, 5), (50, 50, 1), GREY)
    np.testing.assert_allclose(seen(builder, atlas).inverse_depth[0].numpy(), 1 / 4, rtol=1e-5)


def test_a_turned_box_hides_the_wall_by_as_much_as_its_corner_stands_out(atlas: Atlas) -> None:
    builder = Builder()
    builder.box(WORLD.at(0, 0, 11), (50, 50, 1), GREY)
    builder.box(WORLD.at(0, 0, 4, yaw=np.pi / 4), (1, 1, 1), GREY)
    inverse = seen(builder, atlas, (31, 31)).inverse_depth[0].numpy()
    assert inverse[15, 15] == pytest.approx(1 / (4 - 2**0.5), rel=1e-4)
    assert inverse[15, 0] == pytest.approx(1 / 10, rel=1e-5)


@pytest.mark.parametrize(
    ("shape", "nearest"), [(Shape.ELLIPSOID, 4.0), (Shape.CONE, 4.0), (Shape.BOX, 4.0), (Shape.LEAVES, 4.0)]
)
def test_a_solid_of_half_depth_one_starts_one_metre_before_its_middle(
    shape: Shape, nearest: float, atlas: Atlas
) -> None:
    builder = Builder()
    middle = WORLD.at(0, 0, 5)
    if shape is Shape.ELLIPSOID:
        builder.ball(middle, (2, 2, 1), GREY)
    elif shape is Shape.CONE:
        builder.cone(middle, 1.0, 2.0, GREY)
    elif shape is Shape.LEAVES:
        builder.leaves(middle, (2, 2, 1), GREY, (5.0, -1.0, 0.3))
    else:
        builder.box(middle, (2, 2, 1), GREY)
    inverse = seen(builder, atlas, (31, 31)).inverse_depth[0].numpy()
    assert inverse.max() == pytest.approx(1 / nearest, rel=1e-4)
    assert inverse[15, 15] == pytest.approx(1 / nearest, rel=1e-4)


def test_a_frustum_is_as_wide_at_its_top_as_it_was_told(atlas: Atlas) -> None:
    builder = Builder()
    builder.cone(WORLD.at(0, 0, 8), 2.0, 1.0, GREY, top=0.5)
    hit = seen(builder, atlas, (64, 64)).inverse_depth[0].numpy() > 0
    widths = hit.sum(axis=1) * 8 / 64
    # Rows 25 and 38 meet the side 0.8 of the half height above and below the middle.
    assert widths[25] == pytest.approx(2 * (0.75 - 0.25 * 0.8) * 2, rel=0.1)
    assert widths[38] == pytest.approx(2 * (0.75 + 0.25 * 0.8) * 2, rel=0.1)


def test_one_sees_through_the_hole_of_a_frame_and_against_its_sides(atlas: Atlas) -> None:
    builder = Builder()
    builder.box(WORLD.at(0, 0, 11), (50, 50, 1), GREY)
    builder.frame(WORLD.at(0, 0, 3), (2, 2, 1), GREY, (-0.5, 0.5, -0.5, 0.5))
    row = seen(builder, atlas, (31, 31)).inverse_depth[0, 15].numpy()
    assert row[15] == pytest.approx(1 / 10, rel=1e-4)
    assert row[0] == pytest.approx(1 / 2, rel=1e-4)
    side = row[(row < 0.499) & (row > 0.251)]
    slope = (np.arange(31) - 15) / 31
    hit = np.flatnonzero((row < 0.499) & (row > 0.251))
    np.testing.assert_allclose(side, np.abs(slope[hit]) / 0.5, rtol=1e-4)


def test_a_grid_shows_its_bars_and_what_is_behind(atlas: Atlas) -> None:
    builder = Builder()
    builder.box(WORLD.at(0, 0, 11), (50, 50, 1), GREY)
    builder.grid(WORLD.at(0, 0, 2.1), (5, 5, 0.1), GREY, (20.0, 1.0, 0.4))
    row = seen(builder, atlas, (63, 63)).inverse_depth[0, 20].numpy()
    np.testing.assert_allclose(row, np.where(row > 0.3, 0.5, 0.1), rtol=1e-4)
    assert (row > 0.3).mean() == pytest.approx(0.4, abs=0.1)


def test_a_posters_depth_is_flat_however_much_it_shows(atlas: Atlas) -> None:
    poster = Material(np.eye(3), layers("picture").start, stretch=True, mottle=0.0)
    builder = Builder()
    builder.box(WORLD.at(0, 0, 5), (50, 50, 1), GREY)
    builder.box(WORLD.at(0, 0, 4), (1.5, 1.5, 0.01), poster)
    batch = seen(builder, atlas, (64, 64))
    inside = slice(16, 48)
    np.testing.assert_allclose(batch.inverse_depth[0, inside, inside].numpy(), 1 / 3.99, rtol=1e-5)
    assert batch.colour[0, :, inside, inside].float().std() > 10


def test_the_picture_of_a_tilted_camera_shows_what_lies_there(atlas: Atlas) -> None:
    builder = Builder()
    builder.ball(Pose(rotation(0.7, 0.3) @ np.array([0.0, 0.0, 6.0])), (1, 1, 1), GREY)
    camera = Camera(np.zeros(3), rotation(0.7, 0.3, 0.4), 0.5)
    scene = Scene(camera, NOON, Effects(), builder.finish(np.zeros(3)))
    inverse = render([scene], [0], (31, 31), atlas).inverse_depth[0]
    assert inverse[15, 15] == pytest.approx(1 / 5, rel=1e-4)
    torch.testing.assert_close(inverse, inverse.flip(1), rtol=1e-3, atol=1e-3)


def test_a_box_throws_a_shadow_straight_down_at_noon(atlas: Atlas) -> None:
    builder = Builder()
    builder.box(WORLD.at(0, -1, 0), (1e3, 1, 1e3), GREY)
    builder.box(WORLD.at(0, 4, 6), (1, 0.1, 2), GREY)
    dark = seen(builder, atlas, (64, 64), up=1.5).colour[0].float().mean(0)
    light = replace(NOON, key=replace(NOON.key, shadow=False))
    bright = seen(builder, atlas, (64, 64), light, up=1.5).colour[0].float().mean(0)
    ratio = (dark / bright)[48]
    assert ratio[32] < 0.75
    assert ratio[2] > 0.95


def test_no_tile_misses_a_solid_that_crosses_it() -> None:
    scenes = [plan_scene(seed) for seed in (2, 17)]

    solids = stacked(scenes, torch.device("cpu"))
    rays, bounds, _ = camera_rays(scenes, 48, 48, torch.device("cpu"))
    meets = seen_by(solids, corners(scenes, solids), bounds, rays.scene)
    every = rays.scene[:, None] == solids.scene
    assert meets.float().mean() < 0.6 * every.float().mean()
    torch.testing.assert_close(trace(solids, rays, meets).distance, trace(solids, rays, every).distance)


def test_a_plank_that_starts_behind_the_camera_is_seen_whole(atlas: Atlas) -> None:
    builder = Builder()
    # From (-0.7, -5) to (0.2, 1): 0.4 m ahead it is at a slope of 0.275, in another tile than its far end.
    builder.box(WORLD.at(-0.25, -0.16, -2, yaw=float(np.arctan2(0.9, 6))), (0.01, 0.02, 3.033), GREY)
    hit = seen(builder, atlas, (64, 64)).inverse_depth[0].numpy() > 0
    assert hit[:, :48].any()
    assert hit[:, 48:].any()


def test_tiles_on_the_ground_fade_towards_the_horizon(atlas: Atlas) -> None:
    tiles = Material(np.array([[0.9] * 3, [0.1] * 3, [0.0] * 3]), layers("tiles").start, 1.0, mottle=0.0)
    builder = Builder()
    builder.box(WORLD.at(0, -1, 0), (1e4, 1, 1e4), tiles)
    colour = seen(builder, atlas, (128, 128), up=1.5).colour[0].float().mean(0)
    assert colour[66:68].std() < 0.25 * colour[110:].std()


def test_no_tile_misses_a_shadow() -> None:

    scene = plan_scene(8)
    solids = stacked([scene], torch.device("cpu"))
    start = torch.rand(3, 5, 64, generator=torch.Generator().manual_seed(1)) * 0.5
    way = torch.tensor([0.6, 0.7, 3.0]).view(3, 1, 1).expand(3, 5, 64) - start
    middle = start.mean(-1)
    radius = (start - middle[..., None]).norm(dim=0).amax(-1)
    where = torch.zeros(5, dtype=torch.int64)
    meets = between(solids, middle.T, radius, way.mean(-1).T, where)
    rays = Rays(start, way, where)
    every = solids.casts.expand(5, -1)
    assert torch.equal(blocked(solids, rays, meets, 1.0), blocked(solids, rays, every, 1.0))


def test_nothing_that_the_camera_stands_in_is_kept() -> None:
    builder = Builder()
    builder.box(WORLD, (1, 1, 1), GREY)
    builder.box(WORLD.at(0, 0, 5), (1, 1, 1), GREY)
    assert len(builder.finish(np.array([0.5, 0.0, 0.0])).shape) == 1


def test_a_pattern_far_away_fades_to_its_mean(atlas: Atlas) -> None:
    layer = torch.full((1, 64), float(layers("tiles").start))
    across = torch.linspace(0, 3, 64)[None]
    near = atlas.sample(layer, across, across * 0.7, torch.full((1, 64), 0.5 / SIZE))
    far = atlas.sample(layer, across, across * 0.7, torch.full((1, 64), 10.0))
    assert near.std() > 0.05
    assert far.std(dim=-1).max() < 1e-3


def test_a_pattern_repeats_without_a_seam(atlas: Atlas) -> None:
    layer = torch.full((1, 8), float(layers("cloud").start))
    place = torch.rand(1, 8, generator=torch.Generator().manual_seed(0))
    foot = torch.full((1, 8), 1 / SIZE)
    once, later = atlas.sample(layer, place, place, foot), atlas.sample(layer, place + 3, place - 2, foot)
    torch.testing.assert_close(once, later, atol=2e-2, rtol=0)


def test_normals_look_at_the_camera_and_have_unit_length(atlas: Atlas) -> None:

    scenes = [plan_scene(21)]
    solids = stacked(scenes, torch.device("cpu"))
    rays, bounds, pixel = camera_rays(scenes, 32, 32, torch.device("cpu"))
    hits = trace(solids, rays, seen_by(solids, corners(scenes, solids), bounds, rays.scene))
    found = surfaces(solids, rays, hits, atlas, pixel)
    solid = ~found.sky
    torch.testing.assert_close(found.normal.norm(dim=0)[solid], torch.ones(int(solid.sum())))
    assert ((found.normal * found.view).sum(0)[solid] <= 1e-6).all()
