"""What the runtimes share."""

import numpy as np
import pytest

from streamdepth.engine.runtime import check_batch
from streamdepth.errors import UsageError


@pytest.mark.parametrize(
    "batch",
    [
        np.zeros((1, 3, 64, 65), np.float32),
        np.zeros((1, 3, 48, 64), np.float32),
        np.zeros((3, 64, 64), np.float32),
        np.zeros((1, 1, 64, 64), np.float32),
        np.zeros((0, 3, 64, 64), np.float32),
        np.zeros((1, 3, 64, 64), np.float64),
    ],
)
def test_a_batch_that_the_network_cannot_take_is_refused(batch):
    with pytest.raises(UsageError, match="H a multiple of 32, W a multiple of 32"):
        check_batch(batch)
