from __future__ import annotations

import cv2
import numpy as np
import pytest
from cv2.utils import logging

from streamdepth.imaging.opencv import quiet_opencv

HALF_A_PNG = cv2.imencode(".png", np.zeros((64, 64), np.uint8))[1][:60]


def test_opencv_says_nothing_of_a_damaged_picture(capfd):
    with quiet_opencv():
        cv2.imdecode(HALF_A_PNG, cv2.IMREAD_UNCHANGED)
    assert capfd.readouterr() == ("", "")


def test_it_speaks_as_before_afterwards():
    level = logging.getLogLevel()
    with quiet_opencv():
        assert logging.getLogLevel() == logging.LOG_LEVEL_SILENT
    assert logging.getLogLevel() == level


def test_it_speaks_as_before_after_an_error():
    level = logging.getLogLevel()
    with pytest.raises(cv2.error), quiet_opencv():
        cv2.imdecode(np.zeros((0,), np.uint8), cv2.IMREAD_UNCHANGED)
    assert logging.getLogLevel() == level
