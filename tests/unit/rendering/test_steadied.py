import numpy as np
import pytest
from estimates import estimate

from streamdepth.rendering import Renderer
from streamdepth.rendering.steadied import Steadied


@pytest.mark.parametrize("stabilise", [True, False])
def test_depth_is_steadied_as_a_renderer_does_and_nothing_is_drawn(stabilise):
    steadied, renderer = Steadied(stabilise=stabilise), Renderer(stabilise=stabilise)
    for values in (None, np.full((32, 64), 0.5, np.float32), None):
        made = estimate(values)
        rendered = steadied(made)
        assert np.array_equal(rendered.depth.values, renderer(made).depth.values)
        assert rendered.picture is made.frame.picture
