"""The settings of a session hold where none are given, and what it tells is told again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sessions import ABOUT, raw_frames, record

from streamdepth.errors import SourceError, UsageError
from streamdepth.frames import Estimate, Rendered
from streamdepth.run.sessions.replaying import (
    NetworkOfThen,
    Replayed,
    as_recorded,
    is_at_speed,
    is_with_depth,
    session_path,
)
from streamdepth.run.sessions.spec import SessionSpec
from streamdepth.run.spec import InputSpec, NetworkSpec, OutputSpec, PictureSpec, RunSpec
from streamdepth.sources.replay.session import ReplayOptions, SessionSource

NETWORK = {"name": "nano", "sha256": "ab", "engine": "onnxruntime", "precision": "fp32", "input": [64, 32]}
SETTINGS = {
    "picture": {"colormap": "turbo", "range": [1.0, 9.0], "interpolate": True, "mood": "of a newer release"},
    "network": {"size": 128},
}


@pytest.fixture
def spec(tmp_path: Path) -> RunSpec:
    about = {**ABOUT, "network": NETWORK, "settings": SETTINGS}
    record(tmp_path / "s.mkv", raw_frames(5), dropped={2}, about=about)
    output = OutputSpec(output=tmp_path / "o.mp4")
    return RunSpec(InputSpec(input=str(tmp_path / "s.mkv")), output=output, session=SessionSpec(replay=True))


def test_the_look_of_then_holds_where_none_is_given(spec):
    seen = PictureSpec(colormap="turbo", range=(1.0, 9.0), look_ahead=0.0)
    assert as_recorded(spec).picture == seen
    given = replace(spec, picture=PictureSpec(colormap="magma", layout="depth", look_ahead=2.0))
    assert as_recorded(given).picture == replace(seen, colormap="magma", layout="depth", look_ahead=2.0)


def test_where_somebody_watches_nothing_is_said_of_looking_ahead(spec):
    watched = replace(spec, output=OutputSpec(webrtc=True))
    assert (is_at_speed(watched), is_at_speed(spec)) == (True, False)
    assert as_recorded(watched).picture.look_ahead == PictureSpec().look_ahead


def test_no_network_is_needed_unless_one_is_named(spec):
    assert is_with_depth(spec)
    assert as_recorded(spec).network == NetworkSpec()
    other = replace(spec, network=NetworkSpec(model="midas-small"))
    assert not is_with_depth(other)
    assert as_recorded(other).network == NetworkSpec(model="midas-small", size=128)
    same = replace(spec, network=NetworkSpec(engine="torch"))
    assert as_recorded(same).network == NetworkSpec(model="nano", engine="torch", size=128)


@pytest.mark.parametrize("wanted", ["rtsp://cam/1", "browser"])
def test_what_is_no_file_is_refused(wanted):
    with pytest.raises(UsageError, match="name it: --input session"):
        session_path(RunSpec(InputSpec(input=wanted), session=SessionSpec(replay=True)))


def test_the_figures_of_then_are_told_again_each_time_the_same(spec):
    snapshots = []
    for _ in range(2):
        source = SessionSource(session_path(spec), ReplayOptions())
        replayed = Replayed(source, has_own_depth=True)
        for frame in iter(source.read, None):
            replayed.write(Rendered(Estimate(frame, frame.depth, 0.0), frame.picture))
        replayed.close()
        source.close()
        snapshots.append(replayed.stats.snapshot())
    assert snapshots[0] == snapshots[1]
    told = snapshots[0]
    assert (told.captured, told.dropped_by, told.inferred, told.written) == (5, {"superseded": 1}, 4, 4)
    assert told.stages["inference"].p50 == 0.008
    assert told.latency.p50 == pytest.approx(0.015, abs=1e-6)
    assert replayed.network == NetworkOfThen("nano", "ab", "onnxruntime", "fp32", (64, 32))
    assert replayed.network.input_size(1, 1) == (64, 32)


def test_a_replay_that_is_ended_tells_what_was_shown(spec):
    source = SessionSource(session_path(spec), ReplayOptions())
    replayed = Replayed(source, has_own_depth=True)
    frames = list(iter(source.read, None))
    replayed.write(Rendered(Estimate(frames[0], frames[0].depth, 0.0), frames[0].picture))
    replayed.close(complete=False)
    source.close()
    assert replayed.stats.snapshot().written == 1


@pytest.mark.parametrize(
    "settings", [[], {"picture": [1]}, {"picture": {"alpha": "x"}}, {"picture": {"layout": 3}}]
)
def test_settings_that_are_damaged_are_told(spec, settings):
    record(session_path(spec), raw_frames(2), about={**ABOUT, "settings": settings})
    (damaged,) = session_path(spec).parent.glob("s-2.mkv")
    with pytest.raises(SourceError, match="damaged in its settings"):
        as_recorded(replace(spec, input=InputSpec(input=str(damaged))))


def test_a_network_that_is_damaged_is_told(tmp_path):
    record(tmp_path / "s.mkv", raw_frames(2), about={**ABOUT, "network": {"name": "nano"}})
    source = SessionSource(tmp_path / "s.mkv", ReplayOptions())
    with pytest.raises(SourceError, match="damaged"):
        Replayed(source, has_own_depth=True)
    source.close()
