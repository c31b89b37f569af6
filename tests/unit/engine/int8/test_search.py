"""Which layers stay in float32: the search, on networks whose errors are known."""

import numpy as np
import pytest

from streamdepth.engine.int8.search import Score, restore


class Errors:
    """A network whose answer is the sum of the errors of its int8 layers; remembers what was tried."""

    def __init__(self, errors, floor=0.0):
        self.errors, self.floor = errors, floor
        self.layers = list(errors)
        self.tried = []

    def reference(self):
        return [np.zeros(1, np.float32)]

    def maps(self, floats, every=1):
        self.tried.append(frozenset(floats))
        left = sum(error for layer, error in self.errors.items() if layer not in floats)
        return [np.array([left + self.floor], np.float32)]


def judge(reference, maps):
    error = float(maps[0][0] - reference[0][0])
    return Score(1 - error, error)


def layers(count, **errors):
    return {f"l{index}": errors.get(f"l{index}", 0.0) for index in range(count)}


def test_a_network_that_is_good_enough_stays_in_int8_as_a_whole():
    network = Errors(layers(40, l3=0.005))
    found = restore(network, judge, 0.99)
    assert (found.floats, found.passed) == (frozenset(), True)
    assert len(network.tried) == 1


def test_the_layers_that_hurt_get_float_back_and_the_others_do_not():
    found = restore(Errors(layers(40, l0=0.2, l39=0.3, l17=0.004)), judge, 0.99)
    assert found.passed
    assert {"l0", "l39"} <= found.floats
    assert len(found.floats) <= 6
    assert found.share == pytest.approx(0.996)


def test_single_layers_that_hurt_are_found_among_many():
    found = restore(Errors(layers(96, l1=0.2, l90=0.1)), judge, 0.99)
    assert (found.floats, found.passed) == ({"l1", "l90"}, True)


def test_layers_whose_errors_cancel_are_found_too():
    def signed(reference, maps):
        return judge(reference, [np.abs(one) for one in maps])

    found = restore(Errors(layers(16, l0=0.3, l7=-0.1, l15=0.05)), signed, 0.99)
    assert (found.floats, found.passed) == ({"l0", "l7", "l15"}, True)


def test_layers_are_compared_on_a_few_frames_and_what_is_found_is_judged_on_all():
    asked = []

    class Counted(Errors):
        def maps(self, floats, every=1):
            asked.append((len(floats), every))
            return super().maps(floats, every)

    found = restore(Counted(layers(40, l17=0.3)), judge, 0.99)
    assert (len(found.floats), 1) in asked
    assert {every for count, every in asked if 30 < count < 40} == {4}


def test_no_more_layers_are_taken_than_needed():
    found = restore(Errors(layers(16, l5=0.1, l6=0.02, l7=0.005)), judge, 0.99)
    assert found.floats == {"l5", "l6"}


def test_errors_everywhere_end_with_a_refusal_that_names_the_share_in_int8():
    found = restore(Errors({f"l{index}": 0.02 for index in range(40)}), judge, 0.99)
    assert (found.floats, found.passed, found.hurried) == (frozenset(), False, False)
    assert found.share == pytest.approx(0.2)


def test_where_not_even_the_rest_passes_nothing_is_searched():
    network = Errors(layers(40, l3=0.5), floor=0.3)
    assert not restore(network, judge, 0.99).passed
    assert len(network.tried) == 2


def test_the_search_ends_when_its_time_is_over():
    now = [0.0]

    def slow(reference, maps):
        now[0] += 10
        return judge(reference, maps)

    network = Errors({f"l{index}": 0.02 for index in range(40)})
    found = restore(network, slow, 0.99, seconds=60, clock=lambda: now[0])
    assert (found.passed, found.hurried) == (False, True)
    assert now[0] <= 80


def test_what_there_was_time_to_try_is_used():
    now = [0.0]

    def slow(reference, maps):
        now[0] += 10
        return judge(reference, maps)

    found = restore(Errors(layers(40, l39=0.3)), slow, 0.99, seconds=90, clock=lambda: now[0])
    assert found.passed
    assert "l39" in found.floats


@pytest.mark.parametrize("seconds", [60, 5])
def test_layers_that_there_was_no_time_to_try_get_float_back_where_it_takes_them(seconds):
    now = [0.0]

    def slow(reference, maps):
        now[0] += 10
        return judge(reference, maps)

    found = restore(Errors(layers(40, l9=0.3)), slow, 0.99, seconds=seconds, clock=lambda: now[0])
    assert found.passed
    assert "l9" in found.floats
    assert now[0] <= seconds + 30
