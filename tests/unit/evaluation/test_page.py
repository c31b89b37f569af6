from __future__ import annotations

import errno
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.errors import DiskFull, SinkError
from streamdepth.evaluation.judge import Judged, Results, Verdict
from streamdepth.evaluation.metrics import Scores
from streamdepth.evaluation.page import LABELS, Page, label, shown
from streamdepth.evaluation.rgbd import RgbdPair

SCORES = Scores(12.34, 0.123, 0.5, 0.2, 18.9, 0.87, 0.95, 0.99)
BASELINE = Scores(45.6, 0.3, 1.5, 0.4, 38.9, 0.5, 0.7, 0.9)


def judged(name):
    truth = np.full((6, 8), 2, np.float32)
    verdict = Verdict(RgbdPair(Path(name), Path("d.npy")), SCORES, BASELINE)
    return Judged(verdict, np.zeros((6, 8, 3), np.uint8), truth.astype(np.float64), truth, truth > 0)


class Seen(HTMLParser):
    """What a browser would load, and the text."""

    def __init__(self, path):
        super().__init__()
        self.links, self.text = [], ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.links += [value for name, value in attributes if name in ("src", "href")]

    def handle_data(self, data):
        self.text += data + " "


def make_page(folder, names, per_sheet=2):
    page = Page(folder, per_sheet)
    pictures = [judged(name) for name in names]
    for picture in pictures:
        page.add(picture)
    verdicts, truths = zip(*((one.verdict, one.distances) for one in pictures), strict=True)
    return page.finish(Results(10, verdicts, truths, ()), "nano on <mine>", "3 pictures")


def test_a_page_shows_every_sheet_and_needs_nothing_else(tmp_path):
    index = make_page(tmp_path / "new" / "page", ["a.png", "b.png", "c.png"])
    assert Seen(index).links == ["sheet-001.png", "sheet-002.png"]
    heights = [len(cv2.imread(str(index.parent / name))) for name in Seen(index).links]
    assert heights[0] > heights[1]


def test_a_page_tells_the_scores_of_all_and_of_each(tmp_path):
    text = Seen(make_page(tmp_path, ["a&b.png"])).text
    assert "a&b.png" in text
    assert "nano on <mine>" in text
    assert text.count("12.3") == 2
    assert "45.6" in text
    assert "delta > 1.25 (%)" in text


def test_every_score_has_a_label():
    assert list(LABELS) == [field.name for field in fields(Scores)]
    assert (label("rmse"), label("silog")) == ("RMSE (m)", "SILog")
    assert shown("abs_rel", 0.12345) == "0.123"


def test_a_folder_that_cannot_be_made_is_told_at_once(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match="file cannot be made: a file or a device is in its place"):
        Page(tmp_path / "file")


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    page = Page(tmp_path, per_sheet=1)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskFull, match=r"sheet-001\.png is full"):
        page.add(judged("a.png"))
