from __future__ import annotations

import numpy as np
import pytest

from streamdepth.depthfiles.read import read_depth
from streamdepth.errors import SourceError

METRES = np.array([[0, 1.5, 2.25], [4, 0.5, 10]], np.float32)


def test_a_dpt_is_read(tmp_path):
    path = tmp_path / "a.dpt"
    path.write_bytes(b"PIEH" + np.array([3, 2], "<i4").tobytes() + METRES.astype("<f4").tobytes())
    np.testing.assert_array_equal(read_depth(path), METRES)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SourceError, match="is cut short"):
        read_depth(path)
    path.write_bytes(b"other")
    with pytest.raises(SourceError, match="is not a DPT file"):
        read_depth(path)
