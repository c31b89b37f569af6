"""The log of a run: a row a step on disk, which a resumed run continues."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamdepth.errors import SinkError, SourceError
from streamdepth.training.training_log import LogRow, TrainingLog, read_log

HEAD = "step,views,loss,learning_rate,delta_1,abs_rel,rmse\n"


def logged(path: Path, *rows: LogRow, keep: int = 0) -> list[LogRow]:
    log = TrainingLog(path, keep)
    for row in rows:
        log.append(row)
    log.close()
    return read_log(path)


def test_a_row_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = [LogRow(0, 0, None, None, 0.5, 0.25, 1.5), LogRow(1, 8, 0.125, 3e-4), LogRow(2, 16, 1e-9, 2e-4)]
    assert logged(tmp_path / "log.csv", *rows) == rows
    assert (tmp_path / "log.csv").read_text() == (
        HEAD + "0,0,,,0.5,0.25,1.5\n1,8,0.125,0.0003,,,\n2,16,1e-09,0.0002,,,\n"
    )


def test_numbers_have_six_digits_and_steps_all_of_theirs(tmp_path: Path) -> None:
    (row,) = logged(tmp_path / "log.csv", LogRow(12_345_678, 98_765_432, 1 / 3, 1e-4))
    assert row == LogRow(12_345_678, 98_765_432, 0.333333, 1e-4)


def test_each_row_is_on_disk_when_it_is_appended(tmp_path: Path) -> None:
    log = TrainingLog(tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_text() == HEAD
    log.append(LogRow(1, 4, 0.5, 1e-3))
    assert read_log(tmp_path / "log.csv") == [LogRow(1, 4, 0.5, 1e-3)]
    log.close()


def test_a_resumed_run_keeps_the_rows_up_to_its_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = [LogRow(step, 4 * step, 0.5, 1e-3) for step in range(5)]
    logged(path, *rows)
    again = LogRow(3, 12, 0.25, 1e-3)
    assert logged(path, again, keep=2) == [*rows[:3], again]
    assert [file.name for file in tmp_path.iterdir()] == ["log.csv"]


def test_a_run_from_the_start_leaves_nothing_of_an_older_log(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("this was something else\n")
    assert logged(path) == []
    assert logged(tmp_path / "lost.csv", keep=7) == [], "a log that was removed is begun again"


def test_a_log_that_a_kill_cut_short_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    logged(path, LogRow(1, 4, 0.5, 1e-3))
    path.write_text(path.read_text() + "2,8,0.4")
    assert read_log(path) == [LogRow(1, 4, 0.5, 1e-3)]


@pytest.mark.parametrize(
    "text",
    ["time,price\n1,2\n", HEAD + "one,4,0.5,0.001,,,\n", HEAD + "1,4,much,0.001,,,\n", HEAD + "1,4,\xff"],
)
def test_a_log_of_something_else_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SourceError) as refused:
        read_log(path)
    assert str(refused.value) == (
        f"{path} is not a log of a training run (remove it, or name another --folder)"
    )
    with pytest.raises(SourceError, match="is not a log of a training run"):
        TrainingLog(path, keep=3)
    assert path.read_bytes() == text.encode("latin-1"), "what is not ours stays as it is"


def test_a_log_that_is_not_there_is_refused_and_a_folder_that_is_not_there_too(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"log\.csv is not a log of a training run"):
        read_log(tmp_path / "log.csv")
    with pytest.raises(SinkError, match=r"there is no folder .*gone for"):
        TrainingLog(tmp_path / "gone" / "log.csv")
