import pytest

from streamdepth.inference.rate import Rate


def test_the_first_that_is_measured_takes_the_place_of_the_guess():
    rate = Rate(5.0)
    assert rate.seconds == 5.0
    rate.add(0.1)
    assert rate.seconds == pytest.approx(0.1)


def test_it_follows_and_one_outlier_moves_it_little():
    rate = Rate(5.0)
    for _ in range(30):
        rate.add(0.1)
    rate.add(1.1)
    assert rate.seconds == pytest.approx(0.2)
    for _ in range(60):
        rate.add(1.1)
    assert rate.seconds == pytest.approx(1.1, abs=0.01)
