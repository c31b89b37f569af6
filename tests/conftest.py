"""What any test may ask for: pictures that tell their number, and to wait for something."""

import pytest
from stamped_feed import stamp_of, stamped, until


@pytest.fixture(name="until")
def until_():
    return until


@pytest.fixture(name="stamp_of")
def stamp_of_():
    return stamp_of


@pytest.fixture(name="stamped")
def stamped_():
    return stamped
