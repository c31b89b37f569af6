"""The page of an evaluation: sheets of pictures as PNG and an `index.html` that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from html import escape
from pathlib import Path

import cv2
import numpy as np

from streamdepth.evaluation.judge import Judged, Results
from streamdepth.evaluation.metrics import Scores
from streamdepth.evaluation.sheet import FULL_ERROR, draw_sheet
from streamdepth.files import disk_errors, write_whole

PER_SHEET = 8

LABELS = {
    "bad_percent": ("delta > 1.25", "%", 1),
    "abs_rel": ("AbsRel", "", 3),
    "rmse": ("RMSE", "m", 3),
    "rmse_log": ("RMSE log", "", 3),
    "silog": ("SILog", "", 2),
    "delta_1": ("delta < 1.25", "", 3),
    "delta_2": ("delta < 1.25^2", "", 3),
    "delta_3": ("delta < 1.25^3", "", 3),
}
"""Of each field of `Scores`: its name in papers, its unit, and how many digits after the point it is shown with."""

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 1280px; padding: 0 1em }}
table {{ border-collapse: collapse }}
th, td {{ padding: .2em .8em; border-bottom: 1px solid #ddd; text-align: right }}
th:first-child, td:first-child {{ text-align: left }}
img {{ display: block; margin: 1em 0; max-width: 100% }}
</style>
<h1>{title}</h1>
<p>{about}</p>
{summary}
<p>In the pictures near is bright, and truth and prediction share their colours; grey is not known. The error is
white where depth is right, blue where it is too near and red where it is too far, full from a factor of {full}.</p>
{sheets}
<h2>Each picture</h2>
{each}
</html>
"""


class Page:
    """Collects judged pictures in a folder; a sheet is written as soon as it is full."""

    def __init__(self, folder: Path, per_sheet: int = PER_SHEET) -> None:
        """Make the folder; raises `SinkError` where that cannot be done."""
        self._folder = folder
        self._per_sheet = per_sheet
        self._waiting: list[Judged] = []
        self._sheets: list[str] = []
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def add(self, judged: Judged) -> None:
        """Take one picture; raises `SinkError` or `DiskFull` where its sheet cannot be written."""
        self._waiting.append(judged)
        if len(self._waiting) == self._per_sheet:
            self._write_sheet()

    def finish(self, results: Results, title: str, about: str) -> Path:
        """Write what is left and `index.html`, and return its path; raises as `add`."""
        if self._waiting:
            self._write_sheet()
        html = _PAGE.format(
            title=escape(title),
            about=escape(about),
            summary=_summary(results),
            full=FULL_ERROR,
            sheets="\n".join(f'<img src="{name}" alt="">' for name in self._sheets),
            each=_each(results),
        )
        index = self._folder / "index.html"
        write_whole(index, html.encode())
        return index

    def _write_sheet(self) -> None:
        name = f"sheet-{len(self._sheets) + 1:03d}.png"
        _, data = cv2.imencode(".png", draw_sheet(self._waiting))
        write_whole(self._folder / name, np.asarray(data, np.uint8).tobytes())
        self._sheets.append(name)
        self._waiting.clear()


def shown(name: str, value: float) -> str:
    """A value of the field `name` of `Scores` as text, without its unit."""
    return f"{value:.{LABELS[name][2]}f}"


def label(name: str) -> str:
    """What the field `name` of `Scores` is called, with its unit."""
    words, unit, _ = LABELS[name]
    return f"{words} ({unit})" if unit else words


def _summary(results: Results) -> str:
    scores, baseline = results.scores, results.baseline
    rows = ([label(n), shown(n, getattr(scores, n)), shown(n, getattr(baseline, n))] for n in LABELS)
    return _table(["mean over pictures", "model", "row baseline"], rows)


def _each(results: Results) -> str:
    names = [field.name for field in fields(Scores)]
    rows = (
        [
            v.pair.colour.name,
            *(shown(n, getattr(v.scores, n)) for n in names),
            shown("bad_percent", v.baseline.bad_percent),
        ]
        for v in results.verdicts
    )
    return _table(["picture", *map(label, names), "row baseline (%)"], rows)


def _table(heading: list[str], rows: Iterable[list[str]]) -> str:
    lines = [_row("th", heading), *(_row("td", row) for row in rows)]
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def _row(tag: str, cells: list[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
