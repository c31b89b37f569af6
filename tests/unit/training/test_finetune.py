"""Whole fine-tuning runs of a very small network on very small pictures."""

from __future__ import annotations

import itertools
import json
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from engine_loading import load_engine
from safetensors import safe_open
from safetensors.torch import load_file

from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.errors import DiskFull, SinkError, SourceError, UsageError, WeightsError
from streamdepth.evaluation.metrics import Scores
from streamdepth.evaluation.rgbd import find_pairs
from streamdepth.models.networks.midas_small import MidasSmall
from streamdepth.models.networks.nano import NanoConfig, StageConfig, build_nano
from streamdepth.models.networks.nano_files import NanoCard, write_weights
from streamdepth.models.registry import MIDAS_SMALL
from streamdepth.training import files
from streamdepth.training.dataset import RgbdFolder
from streamdepth.training.finetune import Outcome, Surroundings, fine_tune
from streamdepth.training.loop import Progress
from streamdepth.training.settings import DataSettings, FineTuneSettings, LearningSettings, RunSettings
from streamdepth.training.trainable import Trainable, load_trainable, write_trained
from streamdepth.training.training_log import read_log

SMALL = NanoConfig(stem=4, stages=(StageConfig(8, 1, 3),) * 4, decoder=(8, 8, 4, 4))
LEARNING = LearningSettings(size="64x64", steps=6, batch=4, learning_rate=2e-2)


class Listener:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps: list[int] = []
        self.scores: dict[int, Scores] = {}

    def say(self, line: str) -> None:
        self.lines.append(line)

    def examined(self, done: int, total: int) -> None:
        pass

    def stepped(self, progress: Progress, total: int) -> None:
        self.steps.append(progress.step)

    def judged(self, step: int, total: int, scores: Scores) -> None:
        self.scores[step] = scores


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Sums in one order; and two threads that wait for each other on busy cores take ten times as long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """Weights of a very small nano, random."""
    torch.manual_seed(0)
    path = tmp_path / "start.safetensors"
    write_weights(build_nano(SMALL), NanoCard(0, ""), path)
    return path


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Ten pictures of blotches: the brighter, the nearer."""
    folder, rng = tmp_path / "pictures", np.random.default_rng(0)
    folder.mkdir()
    for index in range(10):
        level = np.kron(rng.random((4, 4)), np.ones((16, 16)))
        cv2.imwrite(str(folder / f"{index}.png"), np.repeat((level * 255).astype(np.uint8)[:, :, None], 3, 2))
        cv2.imwrite(str(folder / f"{index}_depth.png"), (1000 / (0.2 + level)).astype(np.uint16))
    return folder


def tune(
    start: Path,
    pictures: Path,
    output: Path,
    learning: LearningSettings = LEARNING,
    stop: Callable[[], bool] = lambda: False,
    listener: Listener | None = None,
    data: DataSettings = DataSettings(validation=0.3),  # noqa: B008
    unit: DepthUnit | None = None,
    **run: object,
) -> Outcome:
    run = {"validate_every": 1000, **run}
    settings = FineTuneSettings(data, learning, RunSettings(output, **run))  # type: ignore[arg-type]
    folder = RgbdFolder(pictures, tuple(find_pairs(pictures, unit=unit)))
    clock = itertools.count(0.0, 60.0).__next__
    surroundings = Surroundings(listener or Listener(), stop, clock, "2026-01-02")
    return fine_tune(load_trainable(str(start)), folder, settings, surroundings)


def contents(path: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """Tensors, to the last bit, and metadata: the order of the latter in the file is up to chance."""
    with safe_open(path, "np") as file:
        return {name: file.get_tensor(name).tobytes() for name in file.keys()}, file.metadata()  # noqa: SIM118


def after(steps: int) -> Callable[[], bool]:
    """A request to stop after so many steps."""
    asked = itertools.count()
    return lambda: next(asked) >= steps


def test_training_improves_the_held_out_pictures(start: Path, pictures: Path, tmp_path: Path) -> None:
    listener = Listener()
    output, learning = tmp_path / "best.safetensors", replace(LEARNING, steps=60)
    outcome = tune(start, pictures, output, learning, listener=listener, validate_every=12)
    assert outcome.complete
    assert outcome.best.delta_1 > outcome.first.delta_1 + 0.1
    assert outcome.best.abs_rel < outcome.first.abs_rel
    assert listener.steps == list(range(1, 61))
    assert sorted(listener.scores) == list(range(0, 61, 12))
    assert outcome.best.delta_1 == max(scores.delta_1 for scores in listener.scores.values())


def test_the_output_runs_as_a_model_and_says_how_it_was_made(
    start: Path, pictures: Path, tmp_path: Path
) -> None:
    output = tmp_path / "best.safetensors"
    outcome = tune(start, pictures, output, replace(LEARNING, steps=20), validate_every=1)
    engine = load_engine(str(output), runtime="torch", size=64)
    assert engine.estimate(cv2.imread(str(pictures / "0.png"))).values.shape == (64, 64)
    with safe_open(output, "np") as file:
        made = json.loads(file.metadata()["training"])
    assert made["step"] == outcome.best_step > 0
    assert made["held out"]["delta_1"] == outcome.best.delta_1
    assert (made["loss"], made["seed"], made["date"]) == ("ssi", "1", "2026-01-02")
    again = load_trainable(str(output))
    assert again.card.name == "nano"


def test_where_training_does_not_help_the_output_is_what_it_started_from(
    start: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "best.safetensors"
    good = tune(start, pictures, tmp_path / "good.safetensors", replace(LEARNING, steps=40))
    ruined = replace(LEARNING, steps=4, learning_rate=0.9)
    outcome = tune(tmp_path / "good.safetensors", pictures, output, ruined)
    assert outcome.best_step == 0
    assert outcome.best == outcome.first
    assert outcome.first.delta_1 == pytest.approx(good.best.delta_1)
    given, written = load_file(tmp_path / "good.safetensors"), load_file(output)
    assert all(torch.equal(given[name], written[name]) for name in given)


def test_a_resumed_run_is_the_unbroken_run_to_the_last_bit(
    start: Path, pictures: Path, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    unbroken = tune(start, pictures, whole, validate_every=2)
    first = tune(start, pictures, parts, stop=after(3), validate_every=2)
    assert (first.steps, first.complete) == (3, False)
    listener = Listener()
    resumed = tune(start, pictures, parts, validate_every=2, resume=True, listener=listener)
    assert listener.steps == [4, 5, 6]
    assert resumed == unbroken
    assert contents(parts) == contents(whole)
    logs = [tmp_path / f"{name}-run" / "log.csv" for name in ("whole", "parts")]
    assert logs[0].read_text() == logs[1].read_text()
    states = [torch.load(log.with_name("checkpoint.pt"), weights_only=True) for log in logs]
    for part in ("network", "average"):
        assert all(torch.equal(states[0][part][name], states[1][part][name]) for name in states[0][part])


def test_steps_after_the_last_checkpoint_are_done_again(start: Path, pictures: Path, tmp_path: Path) -> None:
    output, folder = tmp_path / "best.safetensors", tmp_path / "best-run"
    tune(start, pictures, output, stop=after(2))
    kept = (folder / "checkpoint.pt").read_bytes()
    tune(start, pictures, output, stop=after(2), resume=True)
    assert [row.step for row in read_log(folder / "log.csv")] == [0, 1, 2, 3, 4]
    (folder / "checkpoint.pt").write_bytes(kept)
    listener = Listener()
    tune(start, pictures, output, resume=True, listener=listener)
    assert listener.steps == [3, 4, 5, 6]
    assert [row.step for row in read_log(folder / "log.csv")] == [0, 1, 2, 3, 4, 5, 6]


def test_checkpoints_come_by_the_clock(start: Path, pictures: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    checkpoint = tmp_path / "best-run" / "checkpoint.pt"

    class Watcher(Listener):
        def stepped(self, progress: Progress, total: int) -> None:
            seen.append(torch.load(checkpoint, weights_only=True)["steps"])

    # The clock is a minute on whenever it is asked: once a step, and once more after a checkpoint.
    tune(start, pictures, tmp_path / "best.safetensors", listener=Watcher(), checkpoint_minutes=2)
    assert seen == [0, 0, 2, 2, 4, 4]


def test_a_finished_run_has_nothing_left_to_do(start: Path, pictures: Path, tmp_path: Path) -> None:
    output = tmp_path / "best.safetensors"
    done = tune(start, pictures, output)
    listener = Listener()
    assert tune(start, pictures, output, resume=True, listener=listener) == done
    assert listener.steps == []


def test_a_single_value_at_the_coarsest_step_is_refused_where_one_more_trains(
    start: Path, pictures: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="--batch 1 of 32x32 pixels is a single value"):
        replace(LEARNING, size="32x32", batch=1)
    for size, batch in (("32x32", 2), ("64x32", 1)):
        learning = replace(LEARNING, size=size, batch=batch, steps=1)
        assert tune(start, pictures, tmp_path / f"{size}.safetensors", learning).complete


def test_a_run_leaves_its_log_its_curve_and_sheets(start: Path, pictures: Path, tmp_path: Path) -> None:
    tune(start, pictures, tmp_path / "best.safetensors", folder=tmp_path / "run", validate_every=4)
    rows = read_log(tmp_path / "run" / "log.csv")
    assert [row.step for row in rows] == list(range(7))
    assert [row.delta_1 is not None for row in rows] == [True, False, False, False, True, False, True]
    assert rows[0].loss is None
    assert all(row.loss and row.learning_rate for row in rows[1:])
    curve = cv2.imread(str(tmp_path / "run" / "curve.png"))
    assert len(np.unique(curve.reshape(-1, 3), axis=0)) > 10
    sheets = sorted(path.name for path in (tmp_path / "run").glob("validation-*.png"))
    assert sheets == ["validation-000000.png", "validation-000004.png", "validation-000006.png"]
    assert not list((tmp_path / "run").glob("*.part"))


def test_a_folder_with_a_run_in_it_is_not_overwritten(start: Path, pictures: Path, tmp_path: Path) -> None:
    output = tmp_path / "best.safetensors"
    tune(start, pictures, output, stop=after(1))
    with pytest.raises(UsageError, match=r"already holds a run .*--resume"):
        tune(start, pictures, output)


def test_resuming_with_other_options_is_refused_and_names_the_first(
    start: Path, pictures: Path, tmp_path: Path
) -> None:
    output = tmp_path / "best.safetensors"
    tune(start, pictures, output, stop=after(1))
    with pytest.raises(UsageError, match="another batch: 4, not 2"):
        tune(start, pictures, output, replace(LEARNING, batch=2), resume=True)
    with pytest.raises(UsageError, match="another cap: 10, not 80"):
        tune(start, pictures, output, data=DataSettings(validation=0.3, cap=80), resume=True)
    with pytest.raises(UsageError, match="another unit of depth: as stored, not inverse, 1000 steps each"):
        tune(start, pictures, output, unit=DepthUnit(DepthKind.INVERSE, 1000), resume=True)
    (pictures / "3.png").unlink()
    with pytest.raises(UsageError, match=r"another choice of pictures: 7 .*, not 6 "):
        tune(start, pictures, output, resume=True)


def test_an_output_that_is_gone_gets_the_best_weights_from_there_on(
    start: Path, pictures: Path, tmp_path: Path
) -> None:
    output, folder, listener = tmp_path / "other.safetensors", tmp_path / "run", Listener()
    done = tune(start, pictures, tmp_path / "best.safetensors", folder=folder)
    tune(start, pictures, output, folder=folder, resume=True, listener=listener)
    assert f"{output} is not there: the best weights from here on are written" in listener.lines
    average = torch.load(folder / "checkpoint.pt", weights_only=True)["average"]
    step, written = done.total, load_file(output)
    assert json.loads(contents(output)[1]["training"])["step"] == step
    assert all(torch.equal(average[name], written[name]) for name in written)


def test_resuming_without_a_checkpoint_is_refused(start: Path, pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no checkpoint"):
        tune(start, pictures, tmp_path / "best.safetensors", resume=True)


def test_a_checkpoint_of_another_architecture_is_refused(start: Path, pictures: Path, tmp_path: Path) -> None:
    output = tmp_path / "best.safetensors"
    tune(start, pictures, output, stop=after(1))
    checkpoint = tmp_path / "best-run" / "checkpoint.pt"
    state = torch.load(checkpoint, weights_only=True)
    state["notes"]["identity"]["model"] = "midas-small"
    torch.save(state, checkpoint)
    with pytest.raises(WeightsError, match="is of midas-small, not of nano"):
        tune(start, pictures, output, resume=True)


def test_a_nano_of_another_shape_is_another_start(start: Path, pictures: Path, tmp_path: Path) -> None:
    output = tmp_path / "best.safetensors"
    tune(start, pictures, output, stop=after(1))
    other = tmp_path / "other.safetensors"
    write_weights(
        build_nano(NanoConfig(4, (StageConfig(12, 1, 3),) * 4, (8, 8, 4, 4))), NanoCard(0, ""), other
    )
    with pytest.raises(UsageError, match="another start"):
        tune(other, pictures, output, resume=True)


def test_a_full_disk_is_said_before_the_first_step(
    start: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 10, 10))
    listener = Listener()
    with pytest.raises(DiskFull, match="10 bytes are free"):
        tune(start, pictures, tmp_path / "best.safetensors", listener=listener)
    assert listener.steps == []


def test_an_output_in_a_missing_folder_is_said_before_the_first_step(
    start: Path, pictures: Path, tmp_path: Path
) -> None:
    with pytest.raises(SinkError, match="there is no folder"):
        tune(start, pictures, tmp_path / "gone" / "best.safetensors")


def test_bad_pictures_are_said_before_anything_is_written(
    start: Path, pictures: Path, tmp_path: Path
) -> None:
    cv2.imwrite(str(pictures / "2_depth.png"), np.zeros((64, 64), np.uint16))
    with pytest.raises(SourceError, match="1 of 10 pairs cannot be used"):
        tune(start, pictures, tmp_path / "best.safetensors")
    assert not (tmp_path / "best-run").exists()
    patient = DataSettings(validation=0.3, skip_unusable=True)
    assert tune(start, pictures, tmp_path / "best.safetensors", data=patient).complete


def test_epochs_count_steps_by_the_pictures(start: Path, pictures: Path, tmp_path: Path) -> None:
    learning = replace(LEARNING, steps=None, epochs=2)
    assert (
        tune(start, pictures, tmp_path / "best.safetensors", learning).total == 4
    )  # 2 * 7 pictures, 4 at a time


@pytest.mark.parametrize("loss", ["l1", "berhu"])
def test_the_other_losses_and_a_frozen_encoder_run(
    loss: str, start: Path, pictures: Path, tmp_path: Path
) -> None:
    learning = replace(LEARNING, loss=loss, freeze_encoder=True, steps=2, learning_rate=None)
    tune(start, pictures, tmp_path / "best.safetensors", learning)
    before = load_file(start)
    state = torch.load(tmp_path / "best-run" / "checkpoint.pt", weights_only=True)["network"]
    moved = {
        name.split(".")[0] for name in before if not torch.equal(before[name].float(), state[name].float())
    }
    assert moved == {"gate", "rise", "head"}


def test_midas_small_is_written_so_that_it_can_be_read_again(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = MidasSmall()
    path = tmp_path / "midas.safetensors"
    trainable = Trainable(MIDAS_SMALL, network, "random")
    write_trained(trainable, network.state_dict(), {"seed": 1}, path)
    again = load_trainable(str(path))
    assert again.card is MIDAS_SMALL
    assert torch.equal(again.network.scratch["layer1_rn"].weight, network.scratch["layer1_rn"].weight)
    assert all(parameter.requires_grad for parameter in again.network.parameters())
    assert again.encoder == (again.network.pretrained,)


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    torch.save({"weight": torch.zeros(3)}, path)
    with pytest.raises(WeightsError, match="does not hold the weights of midas-small"):
        load_trainable(str(path))


@pytest.fixture(scope="module")
def drawn(one_thread: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small folder made by the scene generator."""
    from simple import draw_scenes

    folder = tmp_path_factory.mktemp("drawn")
    scenes = draw_scenes(range(10), height=32, width=32)
    for index, (colour, inverse) in enumerate(
        zip(scenes.colour.numpy(), scenes.inverse_depth.numpy(), strict=True)
    ):
        cv2.imwrite(str(folder / f"{index}.png"), colour.transpose(1, 2, 0)[:, :, ::-1])
        np.save(folder / f"{index}_depth.npy", np.where(inverse > 0.0125, 1 / np.maximum(inverse, 1e-6), 0))
    return folder


def test_drawn_scenes_teach_what_holds_for_others(start: Path, drawn: Path, tmp_path: Path) -> None:
    data = DataSettings(validation=0.3, cap=80)
    learning = replace(LEARNING, size="32x32", steps=80, batch=7, loss="l1")
    outcome = tune(start, drawn, tmp_path / "best.safetensors", learning, data=data, validate_every=20)
    assert outcome.best.delta_1 > outcome.first.delta_1 + 0.1
