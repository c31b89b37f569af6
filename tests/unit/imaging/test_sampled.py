import numpy as np

from streamdepth.imaging.sampled import OF_EACH, Sampled


def test_quantiles_of_many_maps_are_found_in_bounded_memory():
    sampled = Sampled(most=64 * OF_EACH)
    rng = np.random.default_rng(0)
    for level in np.linspace(0, 1, 1000):
        sampled.add((level + rng.normal(0, 0.01, (24, 40))).astype(np.float32))
        assert sum(map(np.size, sampled._kept)) <= 130 * OF_EACH
    low, high = sampled.quantiles(0.02, 0.98)
    assert abs(low - 0.02) < 0.02
    assert abs(high - 0.98) < 0.02


def test_few_values_are_all_there():
    sampled = Sampled()
    sampled.add(np.float32([[3, 1], [2, 5]]))
    assert sampled.quantiles(0.0, 1.0) == (1, 5)
