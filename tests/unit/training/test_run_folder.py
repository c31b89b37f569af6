"""Whether a folder may hold a run, and whether the run in it is the same one."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.errors import SinkError, UsageError, WeightsError
from streamdepth.training.run_folder import RunFolder, check_identity, choose_folder, write_png
from streamdepth.training.settings import RunSettings

IDENTITY = {"model": "nano", "batch": "4", "loss": "ssi"}


def settings(tmp_path: Path, *, folder: Path | None = None, resume: bool = False) -> RunSettings:
    return RunSettings(tmp_path / "best.safetensors", folder, resume)


def begun(folder: Path) -> Path:
    """A folder that holds the checkpoint of a run."""
    folder.mkdir()
    (folder / "checkpoint.pt").write_bytes(b"state")
    return folder


def test_the_files_of_a_run_lie_in_its_folder_and_sheets_sort_by_step() -> None:
    run = RunFolder(Path("runs/a"))
    assert run.checkpoint == Path("runs/a/checkpoint.pt")
    assert run.log == Path("runs/a/log.csv")
    assert run.curve == Path("runs/a/curve.png")
    assert run.sheet(7) == Path("runs/a/validation-000007.png")
    assert sorted(map(run.sheet, (100_000, 20, 3))) == [run.sheet(step) for step in (3, 20, 100_000)]


def test_the_folder_is_named_after_the_output_unless_one_is_told(tmp_path: Path) -> None:
    assert choose_folder(settings(tmp_path)).path == tmp_path / "best-run"
    assert choose_folder(settings(tmp_path, folder=tmp_path / "a" / "b")).path == tmp_path / "a" / "b"
    assert list(tmp_path.iterdir()) == [], "nothing is made yet"


def test_a_folder_without_a_checkpoint_may_be_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "log.csv").write_text("left behind by a run that never began")
    assert choose_folder(settings(tmp_path, folder=tmp_path / "run")).path == tmp_path / "run"


def test_a_run_is_gone_on_with_only_where_that_is_asked_for(tmp_path: Path) -> None:
    folder = begun(tmp_path / "run")
    assert choose_folder(settings(tmp_path, folder=folder, resume=True)).path == folder
    with pytest.raises(UsageError) as refused:
        choose_folder(settings(tmp_path, folder=folder))
    assert str(refused.value) == (
        f"{folder} already holds a run (add --resume to continue it, or name another --folder)"
    )


def test_where_there_is_nothing_to_go_on_with_it_is_told_to_start(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as refused:
        choose_folder(settings(tmp_path, resume=True))
    assert str(refused.value) == (
        f"there is no checkpoint {tmp_path / 'best-run' / 'checkpoint.pt'} (start without --resume)"
    )
    (tmp_path / "best-run" / "checkpoint.pt").mkdir(parents=True)
    with pytest.raises(WeightsError, match="there is no checkpoint"):
        choose_folder(settings(tmp_path, resume=True))


def test_an_output_that_could_not_be_written_in_the_end_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"there is no folder .*gone for best\.safetensors \(create it first"):
        choose_folder(RunSettings(tmp_path / "gone" / "best.safetensors"))
    (tmp_path / "best.safetensors").mkdir()
    with pytest.raises(SinkError, match=r"best\.safetensors is a folder \(name a file in it\)"):
        choose_folder(settings(tmp_path))


def test_the_same_run_may_go_on_whatever_older_ones_noted_beside() -> None:
    check_identity(IDENTITY, IDENTITY, Path("run"))
    check_identity({**IDENTITY, "colour": "no option any more"}, IDENTITY, Path("run"))


def test_another_network_is_told_first() -> None:
    with pytest.raises(WeightsError) as refused:
        check_identity({**IDENTITY, "batch": "8", "model": "midas-small"}, IDENTITY, Path("run"))
    assert str(refused.value) == (
        "the checkpoint in run is of midas-small, not of nano (name its --model, or another --folder)"
    )
    with pytest.raises(WeightsError, match="is of another network, not of nano"):
        check_identity({}, IDENTITY, Path("run"))


def test_the_first_option_that_differs_is_told_with_both_values() -> None:
    with pytest.raises(UsageError) as refused:
        check_identity({**IDENTITY, "batch": "8", "loss": "l1"}, IDENTITY, Path("run"))
    assert str(refused.value) == (
        "the run in run was started with another batch: 8, not 4 "
        "(repeat the options it was started with, or name another --folder)"
    )
    with pytest.raises(UsageError, match="another loss: None, not ssi"):
        check_identity({"model": "nano", "batch": "4"}, IDENTITY, Path("run"))


def test_a_picture_replaces_the_older_one_whole(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    write_png(tmp_path / "curve.png", np.zeros((2, 2, 3), np.uint8))
    write_png(tmp_path / "curve.png", picture)
    assert np.array_equal(cv2.imread(str(tmp_path / "curve.png")), picture)
    assert [path.name for path in tmp_path.iterdir()] == ["curve.png"]
    with pytest.raises(SinkError, match=r"there is no folder .*gone for"):
        write_png(tmp_path / "gone" / "curve.png", picture)
