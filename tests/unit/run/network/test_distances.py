from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from streamdepth.errors import SourceMissing, UsageError
from streamdepth.metres.calibration import Calibration
from streamdepth.metres.fit import Fit, Line
from streamdepth.run.network.distances import check_calibrated_with, ruler_of

KEPT = Calibration(
    Fit(Line(0.1, 0.0), 2, None), np.ones((4, 8), np.float32), np.zeros((2, 4), np.uint8), "nano", "ab" * 32
)


def test_without_a_file_there_is_no_ruler_and_any_network_will_do():
    assert ruler_of(None) is None
    check_calibrated_with(None, SimpleNamespace(name="nano", sha256="12" * 32))


def test_the_network_it_was_made_with_is_taken_and_another_refused(tmp_path):
    KEPT.save(tmp_path / "hall.metres")
    ruler = ruler_of(tmp_path / "hall.metres")
    check_calibrated_with(ruler, SimpleNamespace(name="nano", sha256="ab" * 32))
    with pytest.raises(UsageError, match=r"made with nano, and this network, midas-small, is another"):
        check_calibrated_with(ruler, SimpleNamespace(name="midas-small", sha256="12" * 32))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SourceMissing):
        ruler_of(tmp_path / "hall.metres")
