"""The curve of a run: where its points lie, and that no value breaks it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamdepth.pixels import BGRImage
from streamdepth.training.curve import PANEL, WIDTH, draw_curve, running_median
from streamdepth.training.training_log import LogRow

LOSS, SCORE = (180, 90, 30), (40, 110, 200)


def rows(losses: list[float], scores: dict[int, float] | None = None) -> list[LogRow]:
    scores = scores or {}
    return [LogRow(step, 4 * step, loss, 1e-3, scores.get(step)) for step, loss in enumerate(losses)]


def inked(picture: BGRImage, colour: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pixels of one colour."""
    return np.nonzero((picture == colour).all(axis=2))


def test_it_has_two_panels_of_a_fixed_size_whatever_the_run() -> None:
    for log in ([], rows([0.5]), rows([0.5] * 3000)):
        picture = draw_curve(log)
        assert (picture.shape, picture.dtype) == ((2 * PANEL, WIDTH, 3), np.uint8)


def test_without_a_row_there_are_axes_and_no_curve() -> None:
    picture = draw_curve([])
    assert picture.min() < 128
    assert len(inked(picture, LOSS)[0]) == len(inked(picture, SCORE)[0]) == 0


def test_loss_is_drawn_above_and_the_score_below() -> None:
    picture = draw_curve(rows([0.5, 0.4, 0.3], {0: 0.1, 2: 0.9}))
    assert inked(picture, LOSS)[0].max() < PANEL <= inked(picture, SCORE)[0].min()


def test_a_loss_that_falls_goes_down_from_left_to_right() -> None:
    down, across = inked(draw_curve(rows(list(np.linspace(1.0, 0.1, 50)))), LOSS)
    assert np.corrcoef(across, down)[0, 1] > 0.99
    assert (across.min(), across.max()) == pytest.approx((80, WIDTH - 20), abs=3)


def test_scores_stand_at_the_step_they_were_measured_at() -> None:
    picture = draw_curve(rows([0.5] * 101, {0: 0.2, 50: 0.4, 100: 0.3}))
    down, across = inked(picture, SCORE)
    middle = 80 + (WIDTH - 100) // 2
    assert across[down.argmin()] == pytest.approx(middle, abs=4), "the best is the highest, in the middle"
    assert down.max() == pytest.approx(2 * PANEL - 30, abs=4)


def test_a_loss_that_is_wild_once_does_not_flatten_the_others() -> None:
    calm = list(np.linspace(1.0, 0.5, 400))
    wild = [*calm[:200], 1e6, *calm[201:]]
    down, _ = inked(draw_curve(rows(wild)), LOSS)
    assert np.ptp(down) > 0.5 * PANEL


def test_values_that_never_change_lie_in_the_middle() -> None:
    down, _ = inked(draw_curve(rows([0.25] * 20)), LOSS)
    top, bottom = 34, PANEL - 30
    assert down.mean() == pytest.approx((top + bottom) / 2, abs=2)


def test_rows_without_a_loss_are_left_out() -> None:
    first = LogRow(0, 0, None, None, 0.5)
    later = rows([0.0, 0.5, 0.4])[1:]
    assert np.array_equal(draw_curve([first, *later])[:PANEL], draw_curve(later)[:PANEL])


def test_the_median_of_few_values_is_that_of_their_neighbours() -> None:
    series = np.array([[1, 5.0], [2, 1.0], [3, 100.0], [4, 3.0]])
    assert running_median(series).tolist() == [[1, 3.0], [2, 5.0], [3, 3.0], [4, 51.5]]
    assert running_median(series[:1]).tolist() == [[1, 5.0]]


def test_the_median_spans_a_share_of_all_values_and_ignores_what_is_rare() -> None:
    values = np.ones(200)
    values[::10] = math.inf
    series = np.column_stack([np.arange(200.0), values])
    smooth = running_median(series, share=0.05)
    assert (smooth[:, 1] == 1).all()
    step = np.column_stack([np.arange(100.0), np.repeat([0.0, 1.0], 50)])
    wide = running_median(step, share=0.5)
    assert np.array_equal(wide[:, 1] > 0.4, step[:, 1] > 0), "it has no delay"
    assert running_median(step, share=1.0)[20].tolist() == [20.0, 0.0]
