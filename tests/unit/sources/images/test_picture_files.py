"""Which files are meant by a folder or a pattern."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.sources.images.picture_files import natural_key
from streamdepth.sources.images.source import StillSource


@given(st.lists(st.integers(0, 10**6), unique=True, max_size=20))
def test_numbers_in_names_sort_as_numbers(numbers: list[int]) -> None:
    paths = [Path(f"shot {number} of 7.png") for number in numbers]
    assert sorted(paths, key=natural_key) == [Path(f"shot {number} of 7.png") for number in sorted(numbers)]


def test_a_folder_of_films_says_which_to_name(tmp_path: Path) -> None:
    (tmp_path / "street.mp4").touch()
    with pytest.raises(SourceMissing, match=r"holds no picture \(name a film in it, such as .*street\.mp4\)"):
        StillSource(tmp_path)


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="this system has no such device")
def test_a_device_is_not_said_to_be_missing() -> None:
    with pytest.raises(SourceError, match=r"/dev/null is not an ordinary file"):
        StillSource("/dev/null")
