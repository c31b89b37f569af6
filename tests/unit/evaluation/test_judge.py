from __future__ import annotations

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from streamdepth.errors import SourceError
from streamdepth.evaluation.judge import Judged, Results, describe, judge, judge_pair
from streamdepth.evaluation.rgbd import find_pairs
from streamdepth.frames import DepthMap

WALL = np.tile(np.linspace(1, 4, 64, dtype=np.float32), (48, 1))
"""(48, 64) metres: a wall that recedes to the right."""


class Answers:
    """An engine that gives what it was made with."""

    def __init__(self, values):
        self._values = np.asarray(values, np.float32)

    def estimate(self, image):
        return DepthMap(self._values)


def write(root, *depths):
    for number, depth in enumerate(depths):
        cv2.imwrite(str(root / f"color_{number}.png"), np.full((48, 64, 3), 100, np.uint8))
        np.save(root / f"depth_{number}.npy", depth)
    return find_pairs(root)


def test_the_true_inverse_depth_has_no_error_whatever_its_scale_and_shift(tmp_path):
    judged = judge_pair(Answers(300 / WALL + 40), write(tmp_path, WALL)[0])
    assert judged.verdict.scores.bad_percent == 0
    assert judged.verdict.scores.abs_rel < 1e-5
    np.testing.assert_allclose(judged.predicted, WALL, rtol=1e-4)


def test_the_baseline_is_that_of_the_image_row(tmp_path):
    floor = np.tile(1 / np.linspace(0.2, 1, 48)[:, None], (1, 64))
    verdict = judge_pair(Answers(np.ones((48, 64))), write(tmp_path, floor)[0]).verdict
    assert verdict.baseline.abs_rel < 1e-5
    assert verdict.scores.bad_percent > 50


def test_the_prediction_is_judged_in_the_size_of_the_truth(tmp_path):
    small = cv2.resize(1 / WALL, (32, 24), interpolation=cv2.INTER_AREA)
    judged = judge_pair(Answers(small), write(tmp_path, WALL)[0])
    assert judged.predicted.shape == WALL.shape
    assert judged.verdict.scores.abs_rel < 0.02


def test_unknown_and_far_pixels_do_not_count(tmp_path):
    depth = WALL.copy()
    depth[:10], depth[10:20] = 0, 50
    judged = judge_pair(Answers(1 / WALL), write(tmp_path, depth)[0], cap=10)
    assert not judged.known[:20].any()
    assert judged.known[20:].all()
    assert judged.verdict.scores.bad_percent == 0


def test_a_picture_with_nothing_within_the_cap_is_handed_back(tmp_path):
    pairs = write(tmp_path, WALL, WALL + 20)
    first, second = judge(Answers(1 / WALL), pairs, cap=10)
    assert isinstance(first, Judged)
    assert second == pairs[1]


def test_results_are_means_over_pictures(tmp_path):
    upside_down = WALL[:, ::-1] ** 2
    judged = tuple(judge(Answers(1 / WALL), write(tmp_path, WALL, upside_down)))
    verdicts = tuple(one.verdict for one in judged)
    results = Results(10, verdicts, tuple(one.distances for one in judged), ())
    each = [verdict.scores.abs_rel for verdict in verdicts]
    assert each[1] > each[0]
    assert results.scores.abs_rel == pytest.approx(sum(each) / 2)
    assert results.baseline.rmse == pytest.approx(sum(v.baseline.rmse for v in verdicts) / 2)


def test_results_say_which_distances_the_truth_holds_beyond_the_cap_too(tmp_path):
    far = WALL.copy()
    far[:10] = 40.0
    far[10:20] = np.nan
    (near, both) = judge(Answers(1 / WALL), write(tmp_path, WALL, far), cap=10)
    truth = Results(10, (near.verdict, both.verdict), (near.distances, both.distances), ()).truth
    assert (truth.nearest, truth.farthest) == pytest.approx((WALL.min(), 40.0), abs=0.001)
    share = 10 / (WALL.shape[0] - 10)
    assert (near.distances.beyond_cap, both.distances.beyond_cap) == (0, pytest.approx(share))
    assert truth.beyond_cap == pytest.approx(share / 2)


def test_results_of_nothing_are_refused():
    with pytest.raises(SourceError, match=r"no picture has a reading within 0.5 m .*--cap"):
        Results(0.5, (), (), ())


def test_the_description_is_json_and_names_files_from_the_root(tmp_path):
    pairs = write(tmp_path, WALL, WALL + 20)
    judged = judge_pair(Answers(1 / WALL), pairs[0])
    engine = SimpleNamespace(name="fake", sha256="0", size=256, runtime_name="none", precision="fp32")
    results = Results(10, (judged.verdict,), (judged.distances,), (pairs[1],))
    told = json.loads(json.dumps(describe(results, engine, tmp_path)))
    assert told["model"] == {"name": "fake", "sha256": "0", "size": 256}
    assert (told["engine"], told["precision"], told["cap_metres"]) == ("none", "fp32", 10)
    assert (told["pictures"], told["left_out"]) == (1, ["color_1.png"])
    assert told["each"][0]["colour"] == "color_0.png"
    assert told["each"][0]["scores"] == told["mean"]
    assert told["mean"]["bad_percent"] == 0
    assert told["row_baseline"]["bad_percent"] > 0
