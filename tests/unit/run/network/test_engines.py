"""One network for several runs."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from streamdepth.errors import ModelError
from streamdepth.reporting.events import LoadBegan, NetworkLoaded, ignore
from streamdepth.run.network.engines import LoadedOnce
from streamdepth.run.network.loading import load_network
from streamdepth.run.run import Run
from streamdepth.run.spec import AmountSpec, InputSpec, NetworkSpec, OutputSpec, RunSpec

NANO = NetworkSpec(model="nano", size=64, engine="onnxruntime", precision="fp32")


def render(film: Path, engines: LoadedOnce, size: tuple[int, int]) -> list[object]:
    """What happens in a run of three pictures of the demo."""
    seen: list[object] = []
    demo = InputSpec(input="demo", camera_size=size)
    spec = RunSpec(demo, output=OutputSpec(output=film), network=NANO, amount=AmountSpec(frames=3))
    Run(spec, observe=seen.append, engines=engines).execute()
    return seen


def pictures(film: Path) -> list[bytes]:
    """The decoded pictures of a film."""
    with av.open(str(film)) as container:
        return [frame.to_ndarray().tobytes() for frame in container.decode(video=0)]


def test_the_second_run_takes_the_network_of_the_first_and_gives_what_it_gives_alone(tmp_path: Path) -> None:
    engines = LoadedOnce(load_network)
    first = render(tmp_path / "wide.mp4", engines, (160, 96))
    second = render(tmp_path / "high.mp4", engines, (96, 160))
    alone = render(tmp_path / "alone.mp4", LoadedOnce(load_network), (96, 160))
    assert [LoadBegan() in seen for seen in (first, second, alone)] == [True, False, True]
    assert all(any(isinstance(event, NetworkLoaded) for event in seen) for seen in (first, second, alone))
    assert pictures(tmp_path / "high.mp4") == pictures(tmp_path / "alone.mp4")


def test_another_network_is_another_engine() -> None:
    engines = LoadedOnce(load_network)
    small = engines(NANO, None, ignore)
    assert engines(NetworkSpec(model="nano", size=96), None, ignore).input_size(96, 96) == (96, 96)
    assert engines(NANO, None, ignore) is small


def test_a_size_after_another_has_the_session_that_it_has_alone() -> None:
    engines = LoadedOnce(load_network)
    for size in ((160, 96), (96, 160)):
        lane = engines(NANO, None, ignore).lanes[0]
        lane.warm_up(*size)
        columns, rows = lane.input_size(*size)
        assert set(lane.runtime._sessions) == {(1, 3, rows, columns)}


def test_a_network_that_could_not_be_loaded_is_tried_again() -> None:
    tries = []

    def load(network, cache_dir, observe):
        tries.append(network)
        raise ModelError("it is away", "bring it back")

    engines = LoadedOnce(load)
    for _ in range(2):
        with pytest.raises(ModelError, match="it is away"):
            engines(NANO, None, ignore)
    assert tries == [NANO, NANO]
