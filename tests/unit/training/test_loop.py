from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from streamdepth.errors import ModelError, WeightsError
from streamdepth.models.networks.nano import NanoConfig, StageConfig, build_nano
from streamdepth.training.loop import Batch, LoopOptions, Trainer, learning_rate
from streamdepth.training.losses import ScaleShiftInvariantLoss

SMALL = NanoConfig(stem=4, stages=(StageConfig(8, 1, 3),) * 4, decoder=(8, 8, 4, 4))
OPTIONS = LoopOptions(horizon=400, warm_up=16, learning_rate=5e-3, average=0.8)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in one order, so that equal runs are equal to the last bit."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def small_trainer(options: LoopOptions = OPTIONS) -> Trainer:
    torch.manual_seed(0)
    return Trainer(build_nano(SMALL), ScaleShiftInvariantLoss(trim=0.0), options)


def brighter_is_nearer(rng: np.random.Generator) -> Batch:
    """Blotches whose inverse depth is their brightness."""
    level = torch.from_numpy(rng.random((4, 4, 4), dtype=np.float32)).repeat_interleave(16, 1)
    truth = level.repeat_interleave(16, 2)
    image = truth[:, None].expand(-1, 3, -1, -1) * 2 - 1
    return Batch(image, truth, torch.ones_like(truth, dtype=torch.bool))


def test_a_few_steps_reduce_the_loss() -> None:
    trainer = small_trainer()
    losses = [trainer.step(brighter_is_nearer).loss for _ in range(60)]
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])


def test_the_averaged_network_has_learnt_too() -> None:
    trainer = small_trainer()
    untrained = trainer.averaged_network(build_nano(SMALL))
    batch = brighter_is_nearer(np.random.default_rng(99))
    before = trainer.loss(untrained(batch.image), batch.truth, batch.mask)
    for _ in range(60):
        trainer.step(brighter_is_nearer)
    averaged = trainer.averaged_network(build_nano(SMALL))
    assert trainer.loss(averaged(batch.image), batch.truth, batch.mask) < 0.8 * before


@pytest.mark.parametrize("still", [False, True])
def test_statistics_stay_as_they_are_where_they_are_to(still: bool) -> None:
    trainer = small_trainer(replace(OPTIONS, still=still))
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    trainer.step(brighter_is_nearer)
    moved = {
        name for name, value in trainer.network.state_dict().items() if not torch.equal(value, before[name])
    }
    assert any("running" in name for name in moved) is not still
    assert any("weight" in name for name in moved)


def test_parts_learn_at_their_shares_of_the_rate() -> None:
    torch.manual_seed(0)
    network = build_nano(SMALL)
    parts = {"stem": 0.0, "stages": 0.01, "head": 1.0}
    shares = {getattr(network, name): share for name, share in parts.items() if share < 1}
    before = {name: value.clone() for name, value in network.state_dict().items()}
    trainer = Trainer(network, ScaleShiftInvariantLoss(trim=0.0), OPTIONS, shares)
    trainer.step(brighter_is_nearer)
    after = network.state_dict()
    moved = {
        part: max(
            float((after[name] - value).abs().max())
            for name, value in before.items()
            if name.startswith(f"{part}.") and "num_batches" not in name
        )
        for part in parts
    }
    assert moved["stem"] == 0
    assert 0 < moved["stages"] < 0.1 * moved["head"]
    assert not any(
        "running" in name and not torch.equal(after[name], before[name])
        for name in before
        if name.startswith(("stem.", "stages."))
    )


def test_a_resumed_run_is_the_unbroken_run(tmp_path: Path) -> None:
    unbroken, broken, resumed = small_trainer(), small_trainer(), small_trainer()
    for _ in range(6):
        unbroken.step(brighter_is_nearer)
    for _ in range(3):
        broken.step(brighter_is_nearer)
    broken.save(tmp_path / "checkpoint.pt")
    resumed.resume(tmp_path / "checkpoint.pt")
    for _ in range(3):
        progress = resumed.step(brighter_is_nearer)
    assert (progress.step, progress.views) == (6, 24)
    for name, value in unbroken.average.items():
        torch.testing.assert_close(resumed.average[name], value, rtol=0, atol=0)


def test_steps_are_seeded() -> None:
    first, again, other = small_trainer(), small_trainer(), small_trainer(LoopOptions(horizon=400, seed=2))
    assert first.step(brighter_is_nearer) == again.step(brighter_is_nearer)
    assert first.step(brighter_is_nearer).loss != other.step(brighter_is_nearer).loss


def test_the_learning_rate_rises_then_falls_by_a_cosine() -> None:
    options = LoopOptions(horizon=1100, warm_up=100, learning_rate=1.0, final_share=0.0)
    assert learning_rate(49, options) == pytest.approx(0.5)
    assert learning_rate(100, options) == pytest.approx(1.0)
    assert learning_rate(600, options) == pytest.approx(0.5)
    assert learning_rate(1100, options) == pytest.approx(0.0)
    assert learning_rate(9999, options) == pytest.approx(0.0)


def test_the_horizon_can_be_moved() -> None:
    trainer = small_trainer()
    trainer.set_horizon(10)
    for _ in range(6):
        last = trainer.step(brighter_is_nearer)
    assert last.learning_rate == pytest.approx(OPTIONS.learning_rate * OPTIONS.final_share)


def test_a_loss_that_is_no_number_ends_the_training() -> None:
    trainer = small_trainer()
    trainer.loss = lambda prediction, truth, mask: prediction.mean() * torch.nan
    with pytest.raises(ModelError, match="loss of step 0 is nan"):
        trainer.step(brighter_is_nearer)


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no checkpoint"):
        small_trainer().resume(tmp_path / "none.pt")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint at all"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="damaged"):
        small_trainer().resume(path)


def test_a_cut_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    small_trainer().save(path)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(WeightsError, match="damaged"):
        small_trainer().resume(path)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    Trainer(nn.Conv2d(3, 1, 1), ScaleShiftInvariantLoss(), OPTIONS).save(tmp_path / "checkpoint.pt")
    with pytest.raises(WeightsError, match="another network"):
        small_trainer().resume(tmp_path / "checkpoint.pt")


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    torch.save({"weights": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(WeightsError, match="not a checkpoint of a training run"):
        small_trainer().resume(tmp_path / "other.pt")
