"""Networks of other beginnings that learn by one recipe (`scripts/nano/controls.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from controls import Control, beginning, learn, settle
from learning.encoder import encoder_norms
from learning.mix import Mixer

from streamdepth.errors import UsageError
from streamdepth.models.networks.nano import NanoConfig, StageConfig, build_nano
from streamdepth.models.networks.nano_files import NanoCard, read_weights, write_weights
from streamdepth.training.loop import Batch

STAGES = (StageConfig(8, 1, 3), StageConfig(8, 1, 3), StageConfig(8, 1, 5), StageConfig(12, 1, 3))
SMALL = NanoConfig(stem=8, stages=STAGES, decoder=(8, 8, 4, 4), entry=6)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads wait for each other where the machine is busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Slopes:
    """Views whose depth falls from top to bottom."""

    def batch(self, count: int, rng: np.random.Generator) -> Batch:
        """`count` views of noise above one slope."""
        image = torch.from_numpy(rng.normal(size=(count, 3, 64, 64))).float()
        truth = torch.linspace(0.1, 1, 64)[:, None].expand(count, 64, 64)
        return Batch(image, truth.contiguous(), torch.ones(count, 64, 64, dtype=torch.bool))


def control(folder: Path) -> Control:
    """Sixteen views, judged once."""
    return Control(folder, folder / "first", (folder, folder), folder, folder, views=16, judge_every=16)


def test_a_random_encoder_knows_the_statistics_of_what_it_saw() -> None:
    torch.manual_seed(0)
    network = build_nano(SMALL)
    pictures = [3 + 2 * torch.randn(4, 3, 64, 64) for _ in range(3)]
    settle(network, iter(pictures))

    conv, norm = network.stem[0].pair
    with torch.inference_mode():
        wanted = torch.stack([conv(picture).mean((0, 2, 3)) for picture in pictures]).mean(0)
    assert norm.running_mean is not None
    torch.testing.assert_close(norm.running_mean, wanted, rtol=1e-3, atol=1e-3)


def test_a_beginning_that_there_is_not_is_named_in_the_error(tmp_path: Path) -> None:
    write_weights(build_nano(SMALL), NanoCard(0, ""), tmp_path / "first")
    with pytest.raises(UsageError, match="lite9"):
        beginning("lite9", control(tmp_path))


@pytest.mark.parametrize(("name", "moved"), [("nothing", True), ("before", False)])
def test_statistics_of_photographs_stay_and_those_of_noise_do_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, *, moved: bool
) -> None:
    torch.manual_seed(0)
    network = build_nano(SMALL)
    before = [norm.running_mean.clone() for norm in encoder_norms(network) if norm.running_mean is not None]
    frame = (np.zeros((48, 64, 3), np.uint8), np.tile(np.linspace(1, 4, 48, dtype=np.float32)[:, None], 64))
    learn(name, network, cast(Mixer, Slopes()), {"attic": [frame]}, control(tmp_path))

    written = read_weights(tmp_path / f"{name}.safetensors")
    pairs = zip(encoder_norms(written), before, strict=True)
    assert any((norm.running_mean != old).any() for norm, old in pairs) is moved
    heads = [line.split(" attic")[0] for line in capsys.readouterr().out.splitlines()]
    assert heads == [f"{name} 0", f"{name} 16"]
