import pytest

from streamdepth.engine.selection.timing import fastest, time_ways
from streamdepth.engine.selection.ways import Way

EXACT, HALF, EIGHT = Way("openvino", "fp32"), Way("openvino", "bf16"), Way("openvino", "int8")
OTHER = Way("onnxruntime", "fp32")


@pytest.mark.parametrize(
    ("times", "best"),
    [
        ({EXACT: 9.0, HALF: 5.0, EIGHT: 4.0}, EIGHT),
        ({EXACT: 9.0, HALF: 4.15, EIGHT: 4.0}, HALF),  # within the noise: the more exact
        ({EXACT: 4.19, HALF: 4.15, EIGHT: 4.0}, EXACT),
        ({EXACT: 4.3, HALF: 4.15, EIGHT: 4.1}, EXACT),
        ({EXACT: 5.0, OTHER: 4.9}, EXACT),  # as exact and as fast: the first
        ({EXACT: 5.0, OTHER: 4.0}, OTHER),
        ({OTHER: 5.0}, OTHER),
    ],
)
def test_the_fastest_way_is_taken_and_within_the_noise_the_most_exact(times, best):
    assert fastest(times) == best


@pytest.mark.parametrize("turn", range(10))
def test_ten_choices_are_the_same_ten_times_though_the_machine_is_busy(turn):
    speeds = {EXACT: 0.009, HALF: 0.005, EIGHT: 0.0049}
    clock = Clock(turn)
    assert (
        fastest(time_ways({way: clock.work(way, seconds) for way, seconds in speeds.items()}, clock)) == HALF
    )


class Clock:
    """Time that passes when a way is run, sometimes much more than it should: another process has the core."""

    def __init__(self, seed):
        self.now = 0.0
        self.runs = []
        self._seed = seed

    def __call__(self):
        return self.now

    def work(self, way, seconds):
        def run():
            self.runs.append(way)
            disturbed = (len(self.runs) * 7 + self._seed) % 11 == 0
            self.now += seconds * (3 if disturbed else 1)

        return run


def test_ways_take_turns_and_all_of_it_lasts_a_few_seconds():
    clock = Clock(0)
    ways = {EXACT: clock.work(EXACT, 0.1), HALF: clock.work(HALF, 0.01)}
    times = time_ways(ways, clock)
    assert clock.now < 5
    assert times[EXACT] == pytest.approx(0.1, rel=0.5)
    assert times[HALF] == pytest.approx(0.01, rel=0.5)
    turns = [way for way, before in zip(clock.runs, [None, *clock.runs], strict=False) if way != before]
    assert len(turns) > 16


def test_a_way_that_is_slower_than_its_share_still_gets_its_turns():
    clock = Clock(0)
    time_ways({EXACT: clock.work(EXACT, 3.0), HALF: clock.work(HALF, 2.0)}, clock)
    assert clock.runs.count(EXACT) == clock.runs.count(HALF) == 2 + 1 + 9
