from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from depth_services import Network
from pictures import encoded, picture

from streamdepth.errors import SourceError, Trouble
from streamdepth.inference.pool import Turn
from streamdepth.server.pictures import Upload, answer_picture, decode, shrunk_by
from streamdepth.server.wanted import Wanted
from streamdepth.sources.images.image_head import ImageHead
from streamdepth.threads.ticket import Withdrawn


@dataclass
class Leaves:
    """A client that leaves after some steps."""

    steps: int

    def check(self):
        self.steps -= 1
        if self.steps < 0:
            raise Withdrawn


def test_a_step_is_not_begun_for_a_client_that_has_left():
    network = Network()
    turn = Turn({"green": network}, 0.5, Leaves(0).check)
    with pytest.raises(Withdrawn):
        answer_picture(turn, Upload(encoded(".png", picture())), Wanted(model="green"), 10**6)
    assert network.seen == []


def test_each_step_is_timed():
    turn = Turn({"green": Network()}, 0.5, Leaves(5).check)
    _, spans = answer_picture(turn, Upload(encoded(".png", picture())), Wanted(model="green"), 10**6)
    assert spans.queue == 0.5
    assert min(spans.decode, spans.inference, spans.encode) > 0


@pytest.mark.parametrize(
    ("width", "height", "by"),
    [(64, 64, 1), (100, 63, 1), (128, 128, 2), (640, 480, 4), (5000, 4000, 8), (60, 5000, 1)],
)
def test_a_jpeg_stays_as_large_as_the_network_needs_it(width, height, by):
    assert shrunk_by(ImageHead("JPEG", width, height), Network()) == by
    assert shrunk_by(ImageHead("PNG", width, height), Network()) == 1


def test_pixels_are_counted_before_they_are_decoded():
    with pytest.raises(SourceError, match=r"cat.png has 64x48 pixels.*\(send it smaller\)") as refused:
        decode(Upload(encoded(".png", picture()), "cat.png"), Network(), 64 * 48 - 1, whole=False)
    assert refused.value.trouble is Trouble.TOO_LARGE
    size, image = decode(Upload(encoded(".png", picture())), Network(), 64 * 48, whole=False)
    assert size == (64, 48)
    np.testing.assert_array_equal(image.bgr, picture())
