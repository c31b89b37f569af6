from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from depths import HEIGHT, WIDTH, rendered

from streamdepth.frames import DepthMap, DepthMeaning, Measured
from streamdepth.http.refusal import Refused
from streamdepth.viewers.boxes import MOST_BOXES, depth_in_boxes

RAMP = np.tile(np.arange(32, dtype=np.float32), (24, 1))
"""Two pixels of the picture are one of the map; nearer to the right."""
LEFT = [0, 0, WIDTH // 2, HEIGHT]


def boxes(*listed, picture=None, **more):
    return depth_in_boxes(picture or rendered(RAMP, 7), {"boxes": list(listed), **more})


def test_a_box_is_answered_with_its_figures_and_what_was_said_of_it():
    told = boxes({"box": LEFT, "label": "person", "score": 0.9}, [32, 0, 2, 48])
    assert (told["frame"], told["meaning"]) == (7, "inverse relative depth")
    person, line = told["boxes"]
    assert (person["label"], person["score"], person["box"]) == ("person", 0.9, LEFT)
    assert person["values"] == {
        "median": 7.5,
        "mean": 7.5,
        "least": 0.0,
        "percentile_5": 0.0,
        "share": 0.5,
        "nearer_than": 0.25,
    }
    assert line["values"]["median"] == 16.0
    assert "metres" not in person


def test_boxes_of_a_detector_that_looks_at_another_size_are_where_it_saw_them():
    (small,) = boxes([0, 0, 320, 480], size=[640, 480])["boxes"]
    assert small["values"]["median"] == 7.5


def test_known_distances_are_told_and_withheld_ones_are_not():
    measured = Measured(DepthMap(40 - RAMP, DepthMeaning.METRES), 1.0, points=5, error=0.07)
    told = boxes(LEFT, picture=replace(rendered(RAMP), measured=measured))
    (box,) = told["boxes"]
    assert told["within"] == 0.07
    assert box["metres"] == {"median": 32.5, "mean": 32.5, "least": 25.0, "percentile_5": 25.0}
    told = boxes(LEFT, picture=replace(rendered(RAMP), measured=Measured(None, 0.1, "the camera was moved")))
    assert told["withheld"] == "the camera was moved"
    assert told["boxes"][0]["metres"] is None
    assert told["boxes"][0]["values"]["median"] == 7.5


def test_what_lies_in_bars_or_outside_has_no_depth():
    barred = rendered(RAMP, inner=(16, 0, 32, 48))
    bar, inside, outside = boxes([0, 0, 16, 48], [0, 0, 32, 48], [100, 0, 10, 10], picture=barred)["boxes"]
    assert (bar["values"], outside["values"]) == (None, None)
    assert inside["values"]["median"] == 7.5


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({}, 400),
        ({"boxes": {}}, 400),
        ({"boxes": [], "of": 1}, 400),
        ({"boxes": [[0, 0, 1]]}, 400),
        ({"boxes": [[0, 0, 0, 1]]}, 400),
        ({"boxes": [[0, 0, 1, True]]}, 400),
        ({"boxes": [[0, 0, 1, 1e400]]}, 400),
        ({"boxes": [{"label": "x"}]}, 400),
        ({"boxes": [], "size": [0, 1]}, 400),
        ({"boxes": [[0, 0, 1, 1]], "size": [1e-320, 1]}, 400),
        ({"boxes": [[0, 0, 1, 1]] * (MOST_BOXES + 1)}, 413),
    ],
)
def test_what_is_no_list_of_boxes_is_refused(wanted, status):
    with pytest.raises(Refused) as refusal:
        depth_in_boxes(rendered(RAMP), wanted)
    assert refusal.value.status == status
