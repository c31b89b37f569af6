"""How the bundled network is made (`scripts/nano`): its start, its batches, its judges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from learning.encoder import encoder_norms, encoder_state, fit_decoder, photographed
from learning.judge import bad, held_out, predict
from learning.mix import HELD_OUT, Frames, Mixer, Recipe, open_pool, read_set, training_sets
from learning.states import PARTS, Part, mean_of, mean_of_all
from learning.statistics import decoder_norms, restated
from learning.twins import TwinLoss, apart, otherwise_decoded, with_twins
from look import extremes, framed_row
from numpy.typing import NDArray
from places import SHARED

from streamdepth.errors import WeightsError
from streamdepth.models.networks.nano import Nano, NanoConfig, StageConfig, build_nano
from streamdepth.models.registry import IMAGENET_MEAN, IMAGENET_STD
from streamdepth.training.augment import normalise_colour
from streamdepth.training.loop import Batch
from streamdepth.training.scenes import ChunkName, Scenes, draw_chunk

Colour = NDArray[np.uint8]
Depth = NDArray[np.float32]
STAGES = (StageConfig(8, 1, 3), StageConfig(8, 1, 3), StageConfig(8, 2, 5), StageConfig(12, 1, 3))
SMALL = NanoConfig(stem=8, stages=STAGES, decoder=(8, 8, 4, 4), entry=6)
WIDER = NanoConfig(stem=8, stages=STAGES, decoder=(10, 8, 6, 4), entry=6)


def lived_in(config: NanoConfig, seed: int = 0) -> Nano:
    """A network whose normalisation statistics are not the initial ones."""
    torch.manual_seed(seed)
    network = build_nano(config)
    with torch.no_grad():
        for _ in range(4):
            network(torch.randn(4, 3, 64, 64))
    return network.eval()


def saved_encoder(network: Nano, path: Path) -> Path:
    """The encoder under other names, as the package keeps its own: in order, with a head after it."""
    tensors = {f"_layer{number}": value for number, (_, value) in enumerate(encoder_state(network))}
    torch.save({**tensors, "_fc.weight": torch.zeros(3, 12)}, path)
    return path


def test_the_encoder_answers_as_it_did_behind_its_own_normalisation(tmp_path: Path) -> None:
    given = lived_in(SMALL)
    for norm in encoder_norms(given):
        norm.eps = 1e-3
    path = saved_encoder(given, tmp_path / "lite.pth")
    ours = photographed(path, SMALL).eval()

    picture = torch.rand(1, 3, 128, 128)
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    with torch.inference_mode():
        wanted = given.encode((picture * 255 - 127) / 128)
        answered = ours.encode((picture - mean) / std)
    for there, here in zip(wanted[:3], answered[:3], strict=True):
        edge = (
            there.shape[-1] // 4
        )  # what is beyond the picture is grey to one and ImageNet's mean to the other
        inside = (..., slice(edge, -edge), slice(edge, -edge))
        torch.testing.assert_close(here[inside], there[inside], rtol=1e-3, atol=1e-3)


def test_a_file_of_another_encoder_is_refused(tmp_path: Path) -> None:
    path = saved_encoder(lived_in(SMALL), tmp_path / "lite.pth")
    with pytest.raises(WeightsError, match="EfficientNet-Lite0"):
        photographed(path, NanoConfig())


@pytest.mark.parametrize("config", [SMALL, WIDER])
def test_a_decoder_fitted_behind_the_same_encoder_answers_alike(config: NanoConfig) -> None:
    teacher, ours = lived_in(SMALL), build_nano(config)
    for part in ("stem", "stages"):
        ours.get_submodule(part).load_state_dict(teacher.get_submodule(part).state_dict())
    generator = torch.Generator().manual_seed(1)
    fit_decoder(ours, teacher, [torch.randn(4, 3, 64, 64, generator=generator) for _ in range(6)])

    with torch.inference_mode():
        picture = torch.randn(1, 3, 64, 96, generator=generator)
        wanted, answered = teacher(picture), ours.eval()(picture)
    assert np.corrcoef(wanted.flatten(), answered.flatten())[0, 1] > 0.98


def frames_folder(folder: Path, count: int = 2) -> Path:
    """Frames whose depth is 2 m at the left, 4 m at the right, and unknown in the upper half."""
    for kind in ("color", "depth"):
        (folder / kind).mkdir(parents=True)
    depth = np.zeros((60, 80), np.uint16)
    depth[30:, :40], depth[30:, 40:] = 2000, 4000
    for number in range(count):
        cv2.imwrite(str(folder / "color" / f"{number:04}.jpg"), np.full((60, 80, 3), 90, np.uint8))
        cv2.imwrite(str(folder / "depth" / f"{number:04}.png"), depth)
    return folder


def test_real_frames_are_read_in_metres(tmp_path: Path) -> None:
    colour, metres = read_set(frames_folder(tmp_path / "singles"))[0]
    assert colour.shape == (60, 80, 3)
    assert (metres[:30] == 0).all()
    assert metres[45, 10] == 2
    assert metres[45, 70] == 4
    five_thousand_a_metre = read_set(frames_folder(tmp_path / "tum_fr9_attic"))[0][1]
    assert five_thousand_a_metre[45, 10] == pytest.approx(0.4)


def test_depth_that_shows_more_than_the_colour_is_cut_to_what_the_colour_shows(tmp_path: Path) -> None:
    folder = frames_folder(tmp_path / "aims_slam", count=1)
    depth = np.full((60, 80), 1000, np.uint16)
    depth[11:49, 14:66] = 3000
    cv2.imwrite(str(folder / "depth" / "0000.png"), depth)

    metres = read_set(folder)[0][1]

    assert metres.shape == (60, 80)
    assert (metres[1:-1, 1:-1] == 3).all()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real frames are not beside the project")
@pytest.mark.parametrize("name", HELD_OUT)
def test_edges_of_depth_lie_on_edges_of_colour_in_the_sets_that_judge(name: str) -> None:
    frames = [(contrast(colour), depth) for colour, depth in read_set(SHARED / "rgbd_train" / name)[::5]]

    here = np.mean([edges_in_common(colour, depth) for colour, depth in frames])

    for scale in (0.9, 1.1):
        elsewhere = np.mean([edges_in_common(colour, scaled(depth, scale)) for colour, depth in frames])
        assert elsewhere < 0.8 * here, scale


def contrast(colour: Colour) -> Depth:
    """How strong the edges of a picture are, less their mean, over their deviation; at half its size."""
    grey = cv2.resize(
        cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA
    )
    values = np.hypot(*np.gradient(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 0.8)))
    values = cv2.GaussianBlur(np.minimum(values, np.percentile(values, 97)), (0, 0), 1)
    return np.asarray((values - values.mean()) / values.std(), np.float32)


def edges_in_common(strength: Depth, depth: Depth) -> float:
    """Mean strength of the edges of colour where the depth jumps, over the noise of that mean."""
    inverse = np.where(depth > 0.2, 1 / np.maximum(depth, 0.2), 0).astype(np.float32)
    inverse = cv2.medianBlur(inverse, 5)[::2, ::2]
    around = np.ones((3, 3))
    nearest, farthest = cv2.dilate(inverse, around), cv2.erode(np.where(inverse > 0, inverse, 9), around)
    jumps = (farthest < 0.85 * nearest) & (nearest > 0)
    return float(strength[jumps].sum() / np.sqrt(jumps.sum() + 1))


def scaled(depth: Depth, scale: float) -> Depth:
    """The map, enlarged or made smaller about its middle."""
    height, width = depth.shape
    change = np.float32([[scale, 0, (1 - scale) * width / 2], [0, scale, (1 - scale) * height / 2]])
    return np.asarray(cv2.warpAffine(depth, change, (width, height), flags=cv2.INTER_NEAREST), np.float32)


@pytest.mark.parametrize(("share", "mean", "variance"), [(0, 4, 9), (0.5, 3.5, 11.5), (1, 3, 14)])
def test_statistics_move_by_a_share_towards_those_of_the_pictures(
    share: float, mean: float, variance: float
) -> None:
    network = build_nano(SMALL).eval()
    first = decoder_norms(network)[0]
    first.running_mean.fill_(4)
    first.running_var.fill_(9)
    means, variances = iter((1.0, 5.0)), iter((4.0, 24.0))

    def spread(_module: object, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
        """Two batches whose mean and variance are known."""
        signs = torch.ones_like(given[0]).flatten()
        signs[::2] = -1
        count = len(signs) // given[0].shape[1]
        size = math.sqrt(next(variances) * (count - 1) / count)
        return ((next(means) + size * signs).view_as(given[0]),)

    first.register_forward_pre_hook(spread)
    state = {name: value.clone() for name, value in network.state_dict().items()}

    changed = restated(network, [torch.randn(2, 3, 128, 128) for _ in range(2)], share)

    moved = decoder_norms(changed)[0]
    torch.testing.assert_close(moved.running_mean, torch.full_like(moved.running_mean, mean))
    torch.testing.assert_close(moved.running_var, torch.full_like(moved.running_var, variance))
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items()), "as it was"
    encoder = [name for name in state if name.startswith(("stem.", "stages."))]
    assert all(torch.equal(changed.state_dict()[name], state[name]) for name in encoder)


def test_sets_that_judge_or_whose_licence_nobody_knows_are_not_learnt_from(tmp_path: Path) -> None:
    for name in (*HELD_OUT, "singles", "from_somewhere"):
        frames_folder(tmp_path / name)
    assert training_sets(tmp_path) == ["singles"]


def test_a_batch_mixes_all_kinds_and_masks_what_is_unknown(tmp_path: Path) -> None:
    def plain(inverse: float) -> object:
        def draw(seeds: object, height: int, width: int) -> Scenes:
            count = len(list(seeds))  # type: ignore[call-overload]
            return (
                np.full((count, 3, height, width), 100, np.uint8),
                np.full((count, height, width), inverse, np.float16),
            )

        return draw

    for name, inverse in (("simple", 0.75), ("traced", 0.125)):
        draw_chunk(tmp_path / name / "v9", ChunkName(9, 64, 96, 0), 4, plain(inverse))  # type: ignore[arg-type]
    real = Frames(tmp_path, [frames_folder(tmp_path / "singles").name])
    pools = (open_pool([tmp_path / "simple"]), open_pool([tmp_path / "traced"]), real)
    mixer = Mixer(pools, Recipe(1, 1, 1, sizes=((64, 64),)))

    batch = mixer.batch(24, np.random.default_rng(1))

    assert batch.image.shape == (24, 3, 64, 64)
    values = {round(value, 3) for value in batch.truth[batch.mask].unique().tolist()}
    assert values == {0.75, 0.125, 0.5, 0.25}
    assert (batch.truth >= 0).all()
    unknown = (~batch.mask).flatten(1).any(1)
    assert 0 < unknown.sum() < 24, "only real frames hold what is not known"


@dataclass(frozen=True)
class Slope:
    """Scenes whose inverse depth grows by 1 from the upper row to the lower, from a beginning that tells the kind."""

    begins: float

    def batch(self, count: int, rng: np.random.Generator) -> Scenes:
        inverse = np.broadcast_to(self.begins + np.linspace(0, 1, 64)[:, None], (count, 64, 96))
        return np.zeros((count, 3, 64, 96), np.uint8), inverse.astype(np.float16)


@pytest.mark.parametrize(("roll", "leaning"), [(0.0, set()), (0.35, {0, 4, 8})])
def test_views_of_all_kinds_lean_where_that_is_asked_for(roll: float, leaning: set[int]) -> None:
    mixer = Mixer((Slope(0), Slope(4), Slope(8)), Recipe(1, 1, 1, sizes=((64, 64),), roll=roll))
    truth = mixer.batch(48, np.random.default_rng(3)).truth
    leans = (truth[:, 32, -8] - truth[:, 32, 8]).abs() > 0.05
    assert set((truth[leans, 32, 32].int() // 4 * 4).tolist()) == leaning


def test_scores_are_those_of_the_sets_by_name(tmp_path: Path) -> None:
    for name in HELD_OUT:
        frames_folder(tmp_path / "rgbd_train" / name)
    dev = tmp_path / "rgbd_dev"
    dev.mkdir()
    cv2.imwrite(str(dev / "color_1.png"), np.full((60, 80, 3), 90, np.uint8))
    cv2.imwrite(str(dev / "depth_mm_1.png"), np.full((60, 80), 1500, np.uint16))
    sets = held_out(tmp_path)
    assert list(sets) == [*HELD_OUT, "rgbd_dev"]
    assert (sets["rgbd_dev"][0][1] == 1.5).all()
    assert 0 <= bad(lived_in(SMALL), sets["aims_slam"], 64) <= 100


def test_the_last_views_of_a_batch_are_twins_of_the_first() -> None:
    rng = np.random.default_rng(3)
    picture = torch.from_numpy(rng.integers(0, 256, (6, 3, 32, 48)) / 255).float()
    truth = torch.rand(6, 32, 48)

    batch = with_twins(Batch(normalise_colour(picture), truth, truth > 0.1), 2, rng)

    assert batch.image.shape == (8, 3, 32, 48)
    assert torch.equal(batch.truth[-2:], batch.truth[:2])
    assert torch.equal(batch.mask[-2:], batch.mask[:2])
    assert sorted(batch.truth[:6, 0, 0].tolist()) == sorted(truth[:, 0, 0].tolist())


def test_a_twin_is_grey_where_its_view_is_and_a_few_levels_off() -> None:
    view = normalise_colour(torch.full((3, 3, 64, 64), 100 / 255))
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))

    levels = (otherwise_decoded(view, np.random.default_rng(1)) * std + mean) * 255

    torch.testing.assert_close(levels, levels.round(), rtol=0, atol=1e-3)
    assert 0 < (levels - 100).abs().mean() < 1.5
    assert (levels - 100).abs().max() < 10


def test_twins_that_differ_cost_by_how_much_in_deviations_of_the_depth() -> None:
    depth = torch.linspace(-1, 1, 101).repeat(2, 4, 1)
    truth, mask = torch.rand(8, 4, 101), torch.ones(8, 4, 101, dtype=torch.bool)
    same = torch.cat((depth, torch.rand(4, 4, 101), depth))
    off = torch.cat((same[:6], 10 * (depth + 0.05)))

    assert apart(depth, depth + 0.05) == pytest.approx(0.05 / 0.505, rel=1e-3)
    assert apart(30 * depth, 30 * (depth + 0.05)) == pytest.approx(0.05 / 0.505, rel=1e-3)
    nothing = TwinLoss(lambda prediction, _truth, _mask: prediction.sum() * 0, weight=2.0)
    assert nothing(same, truth, mask) == 0
    assert nothing(off, truth, mask) > 1


def test_the_frames_to_look_at_are_the_best_and_the_worst(tmp_path: Path) -> None:
    network = lived_in(SMALL)
    good, bad_one = np.zeros((2, 64, 96, 3), np.uint8)
    good[:, :48] = 255
    bad_one[20:40] = 200
    exact = 1 / (2 + predict(network, good, 96) - predict(network, good, 96).min())
    noise = np.random.default_rng(1).uniform(0.5, 9, (64, 96)).astype(np.float32)

    chosen = extremes(network, [(bad_one, noise), (good, exact)])

    assert chosen[0][1] is exact
    assert chosen[1][1] is noise
    assert [tile.shape for tile in framed_row(chosen[0], [network])] == [(64, 96, 3)] * 3


@pytest.mark.parametrize(("part", "beginnings"), [("encoder", ("stem", "stages")), ("late", ("stages.3",))])
def test_of_two_states_a_part_alone_can_be_mixed(part: Part, beginnings: tuple[str, ...]) -> None:
    one, other = lived_in(SMALL, 1).state_dict(), lived_in(SMALL, 2).state_dict()
    mixed = mean_of(one, other, PARTS[part])
    build_nano(SMALL).load_state_dict(mixed)
    differ = [name for name in other if not torch.equal(one[name], other[name])]
    assert {name.partition(".")[0] for name in differ} == {"stem", "stages", "gate", "rise", "head"}
    for name in differ:
        middle = (one[name] + other[name]) / 2
        torch.testing.assert_close(mixed[name], middle if name.startswith(beginnings) else other[name])
        torch.testing.assert_close(mean_of(one, other)[name], middle)


def test_the_mean_of_several_states_counts_each_as_much() -> None:
    states = [lived_in(SMALL, seed).state_dict() for seed in (1, 2, 3)]
    mean = mean_of_all(states)
    build_nano(SMALL).load_state_dict(mean)
    torch.testing.assert_close(
        mean["head.weight"], torch.stack([state["head.weight"] for state in states]).mean(0)
    )
