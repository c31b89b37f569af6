from __future__ import annotations

import numpy as np
import pytest

from streamdepth.depthfiles.read import read_depth
from streamdepth.errors import SourceError

METRES = np.array([[0, 1.5, 2.25], [4, 0.5, 10]], np.float32)


def pfm_of(values, order="<", head=b"Pf"):
    scale = {"<": b"-1", ">": b"1.0"}[order]
    rows, columns = values.shape
    return head + b"\n%d %d\n%s\n" % (columns, rows, scale) + values[::-1].astype(f"{order}f4").tobytes()


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_portable_float_map_is_read_in_either_byte_order(tmp_path, order):
    (tmp_path / "depth.pfm").write_bytes(pfm_of(METRES, order))
    np.testing.assert_allclose(read_depth(tmp_path / "depth.pfm"), METRES)


@pytest.mark.parametrize(
    ("cut", "head", "says"), [(1, b"Pf", "is cut short"), (None, b"PF", "with one channel")]
)
def test_what_is_none_is_told(tmp_path, cut, head, says):
    (tmp_path / "depth.pfm").write_bytes(pfm_of(METRES, head=head)[: -cut if cut else None])
    with pytest.raises(SourceError, match=says):
        read_depth(tmp_path / "depth.pfm")
