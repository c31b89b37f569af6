"""What a plan takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from films import greys, write_film

from streamdepth.batch.estimate import Pace, estimate, expected
from streamdepth.batch.plan import plan_batch
from streamdepth.batch.spec import BatchSpec
from streamdepth.run.network.engines import LoadedOnce
from streamdepth.run.network.loading import load_network
from streamdepth.run.spec import NetworkSpec, OutputSpec, RunSpec
from streamdepth.run.surroundings import Surroundings

NANO = NetworkSpec(model="nano", size=32, engine="onnxruntime", precision="fp32")


def test_sizes_that_were_not_measured_go_by_their_pixels() -> None:
    paces = [Pace(1000, 0.01, 100.0), Pace(4000, 0.02, 300.0)]
    assert expected(8000, paces) == Pace(8000, 0.04, 600.0)
    assert expected(500, paces) == Pace(500, 0.01, 50.0)
    assert expected(4000, paces) == paces[1]


def test_each_input_is_looked_at_one_of_a_size_is_measured_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        write_film(Path(name), greys(range(60)))
    Path("d.mp4").write_bytes(b"no film")
    Path("out").mkdir()
    Path("out/c.mp4").write_bytes(b"mine")
    spec = RunSpec(output=OutputSpec(output=Path("out")), network=NANO)
    batch = BatchSpec(("a.mp4", "b.mp4", "c.mp4", "d.mp4"), skip_existing=True)
    plan = plan_batch(spec, batch, Surroundings())
    a, b, c, d = estimate(plan, Surroundings(), LoadedOnce(load_network))
    assert (a.trial.rendered, b.trial.rendered) == (48, 1)
    assert (a.trial.frames, b.trial.frames) == (60, 60)
    assert a.seconds == b.seconds
    assert a.seconds is not None
    assert a.seconds > 0
    assert a.bytes is not None
    assert a.bytes > 0
    assert c.is_there
    assert "not a video" in d.trial.error
    assert [path.name for path in Path("out").iterdir()] == ["c.mp4"]
