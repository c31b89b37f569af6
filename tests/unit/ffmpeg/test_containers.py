"""What containers say of themselves."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from films import write_film

from streamdepth.ffmpeg.containers import length_of


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".flv", ".nut"])
@pytest.mark.parametrize("offset", ["0", "0.3", "3600"])
def test_a_film_that_begins_late_is_as_long_as_any(tmp_path: Path, suffix: str, offset: str) -> None:
    pictures = [np.zeros((48, 64, 3), np.uint8)] * 10
    path = write_film(
        tmp_path / f"a{suffix}", pictures, size=(64, 48), container={"output_ts_offset": offset}
    )
    with av.open(str(path)) as container:
        length = length_of(container)
    assert length is not None
    assert 0.3 < length < 1.5


def test_what_does_not_say_how_long_it_is_has_no_length(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.h264", [np.zeros((48, 64, 3), np.uint8)] * 3, size=(64, 48))
    with av.open(str(path)) as container:
        assert length_of(container) is None
