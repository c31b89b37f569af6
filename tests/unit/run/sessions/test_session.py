"""A live run is recorded, and replayed: the same report twice, drops included, and the same depth to the bit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from streamdepth.depthfiles.open import open_depth
from streamdepth.errors import UsageError
from streamdepth.frames import DepthMap
from streamdepth.reporting.events import NetworkLoaded
from streamdepth.run.run import Run
from streamdepth.run.sessions.spec import SessionSpec
from streamdepth.run.spec import AmountSpec, InputSpec, NetworkSpec, OutputSpec, RunSpec, StreamSpec
from streamdepth.threads.worker import Flag


class SlowNetwork:
    """Depth that the picture alone decides, in a time in which a camera of 100 pictures a second has several."""

    name, sha256, runtime_name, precision = "slow", "ab" * 32, "none", "fp32"

    @property
    def lanes(self):
        return (self,)

    def input_size(self, _width, _height):
        return 32, 24

    def warm_up(self, width, height):
        """Nothing is compiled."""

    def estimate(self, image):
        Flag().wait(0.03)
        return DepthMap(image[::2, ::2].astype(np.float32).sum(axis=2))


def engines(_network, _cache_dir, _observe):
    return SlowNetwork()


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session of the demo with its live report."""
    path = tmp_path_factory.mktemp("session") / "s.mkv"
    spec = RunSpec(
        InputSpec(input="demo", camera_size=(64, 48), camera_fps=100),
        StreamSpec(live=True),
        amount=AmountSpec(frames=12),
        session=SessionSpec(record=path),
    )
    run = Run(spec, engines=engines)
    run.execute()
    return path, run.report()


def replayed(path, folder, name, network):
    """The report of a replay, and its depth as numbers."""
    seen, depth = [], folder / f"{name}.npz"
    spec = RunSpec(
        InputSpec(input=str(path)),
        network=network,
        output=OutputSpec(depth_output=depth),
        session=SessionSpec(replay=True),
    )
    run = Run(spec, observe=seen.append, engines=engines)
    run.execute()
    with_network = any(isinstance(event, NetworkLoaded) for event in seen)
    assert with_network is (network != NetworkSpec())
    return run.report(), [(entry.index, entry.pts, entry.values) for entry in open_depth(depth).entries()]


def same(one, other):
    return [a[:2] for a in one] == [b[:2] for b in other] and all(
        np.array_equal(a[2], b[2]) for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("network", [NetworkSpec(), NetworkSpec(model="slow")], ids=["its own", "a network"])
def test_two_replays_give_one_report_and_one_depth(session, tmp_path, network):
    path, live = session
    (one, depth), (other, depth_again) = (replayed(path, tmp_path, n, network) for n in ("a", "b"))
    assert {**one, "replay": None} == {**other, "replay": None}
    assert json.dumps(one)
    assert one["frames"] == live["frames"]
    assert one["frames"]["dropped"] > 0
    assert (one["source"], one["model"]) == (live["source"], live["model"])
    assert (one["stages_ms"], one["latency_ms"]) == (
        live["stages_ms"],
        pytest.approx(live["latency_ms"], abs=1),
    )
    assert one["replay"]["seconds"] > 0
    assert len(depth) == one["frames"]["written"]
    assert same(depth, depth_again)


def test_a_network_sees_what_it_saw_live(session, tmp_path):
    """Its depth anew is that of the session but for the 16 bits in which that is kept."""
    path, _ = session
    (_, kept), (_, anew) = (
        replayed(path, tmp_path, name, network)
        for name, network in (("kept", NetworkSpec()), ("anew", NetworkSpec(model="slow")))
    )
    span = max(float(np.ptp(values)) for _, _, values in anew)
    for (index, pts, one), (other, other_pts, two) in zip(kept, anew, strict=True):
        assert (index, pts) == (other, other_pts)
        assert np.abs(one - two).max() < 0.002 * span


def test_an_excerpt_of_a_replay_is_told_as_far_as_it_was_shown(session, tmp_path):
    path, live = session
    spec = RunSpec(
        InputSpec(input=str(path)),
        output=OutputSpec(depth_output=tmp_path / "d.npz"),
        amount=AmountSpec(frames=5),
        session=SessionSpec(replay=True),
    )
    reports = []
    for name in ("a", "b"):
        run = Run(replace(spec, output=OutputSpec(depth_output=tmp_path / f"{name}.npz")), engines=engines)
        run.execute()
        reports.append({**run.report(), "replay": None})
    assert reports[0] == reports[1]
    assert reports[0]["frames"]["written"] == 5 < live["frames"]["written"]


def test_a_file_that_waits_is_not_recorded_and_leaves_nothing(tmp_path):
    spec = RunSpec(
        InputSpec(input="demo", camera_size=(64, 48)),
        output=OutputSpec(output=tmp_path / "d.mp4"),
        session=SessionSpec(record=tmp_path / "s.mkv"),
    )
    with pytest.raises(UsageError, match="add --live"):
        Run(spec, engines=engines).execute()
    assert list(Path(tmp_path).iterdir()) == []
