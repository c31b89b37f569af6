"""The log of a run: one CSV row a step, which a resumed run continues where its checkpoint stands."""

from __future__ import annotations

import csv
from dataclasses import fields
from pathlib import Path
from typing import TextIO

from streamdepth.errors import SourceError
from streamdepth.training.files import disk_errors, whole_file
from streamdepth.values import dataclass


@dataclass(frozen=True)
class LogRow:
    """What is known after a step; None where that was not measured then."""

    step: int
    views: int
    loss: float | None
    learning_rate: float | None
    delta_1: float | None = None
    """Of the held-out pictures; likewise the next two."""
    abs_rel: float | None = None
    rmse: float | None = None


_COLUMNS = tuple(field.name for field in fields(LogRow))


class TrainingLog:
    """Appends rows to a CSV file; every row is on disk when `append` returns."""

    def __init__(self, path: Path, keep: int = 0) -> None:
        """Keep the rows of the first `keep` steps; later ones are of steps that are about to be done again.

        Raises `SourceError` where the file is no such log, `DiskFull` or `SinkError` where it cannot be written.
        """
        self.path = path
        kept = [row for row in read_log(path) if row.step <= keep] if keep and path.is_file() else []
        with whole_file(path) as file:
            file.write("\n".join([",".join(_COLUMNS), *map(_line, kept), ""]).encode())
        self._file: TextIO = path.open("a", encoding="utf-8", newline="")

    def append(self, row: LogRow) -> None:
        """Write a row. Raises `DiskFull` or `SinkError` where that fails."""
        with disk_errors(self.path):
            self._file.write(_line(row) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Release the file."""
        self._file.close()


def read_log(path: Path) -> list[LogRow]:
    """The rows of a log. Raises `SourceError` where the file cannot be read or is no such log."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [_parsed(row) for row in csv.DictReader(file) if row[_COLUMNS[-1]] is not None]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(
            f"{path} is not a log of a training run", "remove it, or name another --folder"
        ) from error


def _line(row: LogRow) -> str:
    values = (getattr(row, name) for name in _COLUMNS)
    return ",".join(
        "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
        for value in values
    )


def _parsed(row: dict[str, str]) -> LogRow:
    numbers = {name: float(row[name]) if row[name] else None for name in _COLUMNS[2:]}
    return LogRow(int(row["step"]), int(row["views"]), **numbers)
