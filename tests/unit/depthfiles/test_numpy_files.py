from __future__ import annotations

import numpy as np
import pytest

from streamdepth.depthfiles.read import read_depth
from streamdepth.errors import SourceError

METRES = np.array([[0, 1.5, 2.25], [4, 0.5, 10]], np.float32)


def test_an_archive_of_several_arrays_has_one_named_depth(tmp_path):
    np.savez(tmp_path / "a.npz", depth=METRES, colour=np.zeros(3))
    np.testing.assert_allclose(read_depth(tmp_path / "a.npz"), METRES)
    np.savez(tmp_path / "b.npz", one=METRES, two=METRES)
    with pytest.raises(SourceError, match=r"holds one, two .*'depth'"):
        read_depth(tmp_path / "b.npz")


def test_an_array_of_objects_stays_shut(tmp_path):
    np.save(tmp_path / "a.npy", np.array([object()]), allow_pickle=True)
    with pytest.raises(SourceError, match="not a NumPy file of numbers"):
        read_depth(tmp_path / "a.npy")


def test_an_archive_under_the_name_of_an_array_is_told(tmp_path):
    with (tmp_path / "a.npy").open("wb") as file:
        np.savez(file, depth=METRES)
    with pytest.raises(SourceError, match=r"is an archive, not an array .*\.npz"):
        read_depth(tmp_path / "a.npy")


def test_damage_anywhere_in_an_archive_is_told(tmp_path):
    values = np.random.default_rng(0).random((4, 4), np.float32)
    np.savez_compressed(tmp_path / "a.npz", depth=values)
    data = (tmp_path / "a.npz").read_bytes()
    for place in range(0, len(data), 7):
        (tmp_path / "a.npz").write_bytes(data[:place] + b"\xff" * 16 + data[place + 16 :])
        try:
            read = read_depth(tmp_path / "a.npz")
        except SourceError:
            continue
        np.testing.assert_allclose(read, values)
