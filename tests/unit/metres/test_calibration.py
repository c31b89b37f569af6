from __future__ import annotations

import numpy as np
import pytest

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.metres.calibration import Calibration, load_calibration
from streamdepth.metres.fit import Fit, Line

MAP = np.random.default_rng(6).random((9, 16)).astype(np.float32)
KEPT = Calibration(
    Fit(Line(0.1, 0.02), 5, 0.04), MAP, (MAP[:4, :8] * 255).astype(np.uint8), "nano", "ab" * 32
)


def test_it_is_read_back_to_the_bit(tmp_path):
    KEPT.save(tmp_path / "hall.metres")
    found = load_calibration(tmp_path / "hall.metres")
    assert (found.fit, found.model, found.sha256) == (KEPT.fit, KEPT.model, KEPT.sha256)
    assert np.array_equal(found.reference, MAP)
    assert np.array_equal(found.luma, KEPT.luma)


def test_a_path_may_be_plain_text(tmp_path):
    KEPT.save(tmp_path / "hall.metres")
    assert load_calibration(str(tmp_path / "hall.metres")).fit == KEPT.fit


def test_without_a_promise_there_is_none_either(tmp_path):
    kept = Calibration(Fit(Line(0.1, 0.02), 2, None), MAP, KEPT.luma, "nano", "ab" * 32)
    kept.save(tmp_path / "hall.metres")
    assert load_calibration(tmp_path / "hall.metres").fit.error is None


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(SourceMissing):
        load_calibration(tmp_path / "hall.metres")


@pytest.mark.parametrize(
    "spoil", [lambda data: b"none", lambda data: data[: len(data) // 2], lambda data: b"PK" + data]
)
def test_a_damaged_file_is_one_sentence(tmp_path, spoil):
    path = tmp_path / "hall.metres"
    KEPT.save(path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(SourceError, match="make it again with streamdepth metres"):
        load_calibration(path)


def test_an_archive_of_other_numbers_is_refused(tmp_path):
    path = tmp_path / "hall.metres"
    with path.open("wb") as file:
        np.savez(file, depth=MAP)
    with pytest.raises(SourceError, match="holds no distances"):
        load_calibration(path)
