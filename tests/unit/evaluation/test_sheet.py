from __future__ import annotations

from pathlib import Path

import numpy as np

from streamdepth.evaluation.judge import Judged, Verdict
from streamdepth.evaluation.metrics import compare
from streamdepth.evaluation.rgbd import RgbdPair
from streamdepth.evaluation.sheet import TILE_WIDTH, depth_colours, draw_row, draw_sheet, error_colours

WHITE, RED, BLUE = [255, 255, 255], [0, 0, 255], [255, 0, 0]


def judged(height=60, width=80):
    truth = np.tile(np.linspace(1, 4, width, dtype=np.float32), (height, 1))
    truth[: height // 2] = 0
    known = truth > 0
    predicted = np.full(truth.shape, 2.0)
    scores = compare(predicted[known], truth[known].astype(np.float64))
    verdict = Verdict(RgbdPair(Path("a.png"), Path("a.npy")), scores, scores)
    return Judged(verdict, np.full((height, width, 3), 90, np.uint8), predicted, truth, known)


def tiles(row):
    return np.split(row[-TILE_WIDTH * 60 // 80 :], 4, axis=1)


def test_the_error_is_white_where_right_red_too_far_blue_too_near():
    colours = error_colours(np.array([[2.0, 9, 1, 2]]), np.array([[2.0, 2, 9, 2]]))
    assert colours.tolist() == [[WHITE, RED, BLUE, WHITE]]


def test_the_colour_of_an_error_grows_with_it():
    blue = error_colours(np.array([[2.0, 2.2, 2.6, 3]]), np.full((1, 4), 2.0))[0, :, 0].astype(int)
    assert (np.diff(blue) < 0).all()


def test_near_is_brighter_than_far():
    shown = depth_colours(np.array([[1.0, 2, 4]]), (0.25, 1)).sum(axis=2)[0].astype(int)
    assert shown[0] > shown[1] > shown[2]


def test_a_row_is_colour_prediction_truth_and_error():
    colour, prediction, truth, error = tiles(draw_row(judged()))
    assert (colour == 90).all()
    assert (prediction == prediction[0, 0]).all()
    assert (truth[:100] == 60).all()
    assert truth[-1, 0].sum() > truth[-1, -1].sum()
    assert (error[:100] == 60).all()
    assert error[-1, 5].tolist() == RED
    assert error[-1, -5].tolist() == BLUE


def test_a_sheet_has_a_heading_and_a_row_a_picture():
    row = draw_row(judged())
    sheet = draw_sheet([judged(), judged(30, 80)])
    assert sheet.shape[1] == 4 * TILE_WIDTH
    assert len(row) < len(sheet) < 2 * len(row)
    assert sheet[:20].max() > 200  # words


def test_a_truth_all_at_one_distance_can_be_drawn():
    flat = judged()
    truth = np.full_like(flat.truth, 2)
    picture = Judged(flat.verdict, flat.colour, flat.predicted, truth, truth > 0)
    _, _, _, error = tiles(draw_row(picture))
    assert (error == 255).all()


def test_scattered_readings_are_gathered():
    picture = judged(480, 640 * 2)
    known = np.zeros(picture.truth.shape, bool)
    known[1::4, 2::4] = True
    truth = np.where(known, np.float32(2), 0)
    _, _, _, error = np.split(
        draw_row(Judged(picture.verdict, picture.colour, picture.predicted, truth, known)), 4, 1
    )
    assert (error[-100:] == 255).all()
