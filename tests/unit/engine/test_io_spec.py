"""What goes into and comes out of a graph, from its ports alone."""

import numpy as np
import pytest

from streamdepth.engine.io_spec import Port, as_maps, read_io_spec
from streamdepth.errors import ModelError


@pytest.mark.parametrize(
    ("image", "depth"),
    [
        (Port("x", (1, 3, 8, 8), "int64"), Port("y", (1, 8, 8), "float32")),
        (Port("x", (1, 4, 8, 8), "float32"), Port("y", (1, 8, 8), "float32")),
        (Port("x", (2, 8, 8, 3), "float32"), Port("y", (2, 8, 8), "float32")),
        (Port("x", (3, 8, 8), "float32"), Port("y", (8, 8), "float32")),
        (Port("x", (1, 3, 8, 8), "float32"), Port("y", (1, 2, 8, 8), "float32")),
        (Port("x", (1, 3, 8, 8), "float32"), Port("y", (1, 8, 8), "int64")),
    ],
)
def test_what_cannot_be_understood_is_refused_with_what_it_is(image, depth, tmp_path):
    with pytest.raises(ModelError, match=r"not a network from one picture.*it takes x .* and gives y "):
        read_io_spec([image], [depth], tmp_path)


@pytest.mark.parametrize("shape", [(1, 1, 5, 7), (1, 5, 7, 1), (1, 5, 7), (5, 7)])
def test_every_layout_of_a_map_is_the_same_map(shape):
    values = np.arange(35, dtype=np.float16)
    np.testing.assert_array_equal(as_maps(values.reshape(shape)), values.reshape(1, 5, 7))
