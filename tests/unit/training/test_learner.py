"""The trainer for users' machines: memory that does not suffice, a frozen encoder, checkpoints."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from streamdepth.errors import DiskFull, ModelError, SinkError, UsageError, WeightsError
from streamdepth.training.aligned_losses import l1
from streamdepth.training.learner import Learner, choose_device
from streamdepth.training.loop import Batch, LoopOptions

OPTIONS = LoopOptions(horizon=400, warm_up=16, learning_rate=1e-2)
CPU = torch.device("cpu")


class Tiny(nn.Module):
    """An encoder with normalisation and a decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.decoder = nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        return self.decoder(self.encoder(image)).squeeze(1)


class WithoutNorm(nn.Module):
    """Every picture for itself: pieces of a batch must then give what the whole gives."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        return self.conv(image).squeeze(1)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def learner(network: type[nn.Module] = Tiny, frozen: tuple[str, ...] = ()) -> Learner:
    torch.manual_seed(0)
    made = network()
    return Learner(made, l1, OPTIONS, CPU, [made.get_submodule(name) for name in frozen])


def blotches(rng: np.random.Generator) -> Batch:
    truth = torch.from_numpy(rng.random((4, 8, 8), dtype=np.float32))
    return Batch(truth[:, None].expand(-1, 3, -1, -1), truth, torch.ones_like(truth, dtype=torch.bool))


def test_pieces_of_a_batch_teach_what_the_whole_teaches() -> None:
    whole, pieces = learner(WithoutNorm), learner(WithoutNorm)
    pieces.piece = 3
    for _ in range(3):
        first, second = whole.step(blotches), pieces.step(blotches)
        assert first.loss == pytest.approx(second.loss, rel=1e-5)
    # the loss does not see the bias: its gradient is rounding
    first_weight, second_weight = (made.network.get_parameter("conv.weight") for made in (whole, pieces))
    torch.testing.assert_close(first_weight, second_weight, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_when_memory_does_not_suffice_the_batch_is_halved_until_it_does(error: RuntimeError) -> None:
    made, sizes = learner(WithoutNorm), []

    def hungry(prediction: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
        sizes.append(len(prediction))
        if len(prediction) > 1:
            raise error
        return l1(prediction, truth, mask)

    made.loss = hungry
    made.step(blotches)
    assert sizes == [4, 2, 1, 1, 1, 1]
    made.step(blotches)
    assert sizes[6:] == [1, 1, 1, 1]
    assert made.views == 8


def test_when_memory_does_not_suffice_for_one_picture_the_run_ends() -> None:
    made = learner(WithoutNorm)

    def starving(*_: Tensor) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    made.loss = starving
    with pytest.raises(ModelError, match="single picture"):
        made.step(blotches)


def test_other_errors_are_not_taken_for_a_want_of_memory() -> None:
    made = learner(WithoutNorm)

    def broken(*_: Tensor) -> Tensor:
        raise RuntimeError("shapes differ")

    made.loss = broken
    with pytest.raises(RuntimeError, match="shapes differ"):
        made.step(blotches)


def test_a_frozen_encoder_stays_as_it_is_and_the_decoder_learns() -> None:
    made = learner(frozen=("encoder",))
    before = {name: value.clone() for name, value in made.network.state_dict().items()}
    for _ in range(3):
        made.step(blotches)
    after = made.network.state_dict()
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {name for name in before if name.startswith("encoder.")}


def test_a_loss_that_is_no_number_says_what_to_do() -> None:
    made = learner()
    made.loss = lambda prediction, truth, mask: prediction.mean() * torch.nan
    with pytest.raises(ModelError, match=r"loss of step 0 is nan .*lower --learning-rate"):
        made.step(blotches)


def test_a_resumed_learner_is_the_unbroken_one(tmp_path: Path) -> None:
    unbroken, broken, resumed = learner(), learner(), learner()
    for _ in range(5):
        unbroken.step(blotches)
    for _ in range(2):
        broken.step(blotches)
    broken.piece, broken.notes = 2, {"best": {"delta_1": 0.5}}
    broken.save(tmp_path / "checkpoint.pt")
    resumed.resume(tmp_path / "checkpoint.pt")
    assert (resumed.piece, resumed.notes) == (2, {"best": {"delta_1": 0.5}})
    resumed.piece = 0
    for _ in range(3):
        resumed.step(blotches)
    for name, value in unbroken.average.items():
        assert torch.equal(resumed.average[name], value)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    learner(WithoutNorm).save(tmp_path / "checkpoint.pt")
    with pytest.raises(WeightsError, match="another network"):
        learner().resume(tmp_path / "checkpoint.pt")


def test_a_full_disk_is_said_and_leaves_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint.pt"
    made = learner()
    made.save(path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    made.step(blotches)
    with pytest.raises(DiskFull, match=r"checkpoint\.pt is full"):
        made.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="no folder"):
        learner().save(tmp_path / "gone" / "checkpoint.pt")


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == choose_device("cpu") == CPU
    with pytest.raises(UsageError, match="no CUDA device"):
        choose_device("cuda")
