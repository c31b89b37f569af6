"""Whole runs over a film whose depth is known: events at the right picture, each once."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from depths import info, rendered

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMap, DepthMeaning
from streamdepth.run.outputs.zone_events import camera_name
from streamdepth.run.run import Run
from streamdepth.run.spec import InputSpec, OutputSpec, PictureSpec, RunSpec
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

ZONES = """
learn = 0.4
[[zone]]
name = "door"
polygon = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
near = { metres = 2, share = 0.2, seconds = 0.5, leave_seconds = 0.2 }
new = { metres = 0.5, share = 0.2, seconds = 1 }
"""


def film_of(path, meaning, maps):
    """A file of depth, exact to the bit, 30000/1001 pictures a second."""
    sink = sink_for(path, info(), DepthOptions())
    for index, values in enumerate(maps):
        one = rendered(values, index)
        sink.write(replace(one, estimate=replace(one.estimate, depth=DepthMap(values, meaning))))
    sink.close()
    return path


@pytest.fixture
def film(tmp_path):
    """Six seconds of a wall at 5 m, before whose left half something stands at 1 m from picture 60 to 119."""
    rng = np.random.default_rng(1)
    wall = 5.0 + rng.uniform(-1, 1, (24, 32)).astype(np.float32)
    maps = [wall + rng.normal(0, 0.005, wall.shape).astype(np.float32) for _ in range(180)]
    for values in maps[60:120]:
        values[4:20, :10] = 1.0
    return film_of(tmp_path / "hall.npz", DepthMeaning.METRES, maps)


def spec(film, *places, zones=ZONES, **output):
    path = film.with_name("zones.toml")
    path.write_text(zones, encoding="utf-8")
    wanted = OutputSpec(events=tuple(map(str, places)), **output)
    picture = PictureSpec(stabilise=False)
    return RunSpec(InputSpec(input=str(film), zones=path), output=wanted, picture=picture)


def told(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_film_gives_its_events_at_its_own_times_and_the_same_ones_each_time(film, tmp_path):
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    run = Run(spec(film, first))
    assert run.execute().written == 180
    events = told(first)
    assert [(one["what"], one["phase"], one["frame"]) for one in events] == [
        ("near", "began", 75),
        ("new", "began", 90),
        ("near", "ended", 126),
        ("new", "ended", 150),
    ]
    assert [one["since"] for one in events] == [2.002] * 4
    assert (events[2]["until"], events[2]["nearest"], events[2]["unit"]) == (4.004, 1.0, "metres")
    assert {one["camera"] for one in events} == {"hall"}
    assert not any("time" in one for one in events)
    assert run.report()["events"]["count"] == 4
    Run(spec(film, second)).execute()
    assert told(second) == events


def test_events_go_beside_a_film_and_to_standard_output(film, tmp_path, capfdbinary):
    Run(spec(film, "-", output=tmp_path / "hall.mp4")).execute()
    assert len(capfdbinary.readouterr().out.splitlines()) == 4
    assert (tmp_path / "hall.mp4").is_file()


def test_metres_are_refused_where_depth_has_no_unit(tmp_path):
    ramp = np.tile(np.linspace(0, 1, 32, dtype=np.float32), (24, 1))
    film = film_of(tmp_path / "hall.npz", DepthMeaning.INVERSE_RELATIVE, [ramp] * 3)
    with pytest.raises(UsageError, match="this depth has no unit"):
        Run(spec(film, tmp_path / "events.jsonl")).execute()
    assert not (tmp_path / "events.jsonl").exists()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"zones": None}, "--events reports zones, and there are none"),
        ({"places": ("events.txt",)}, "events cannot go to 'events.txt'"),
        ({"places": ("-",), "resume": True}, "without --events"),
    ],
)
def test_what_does_not_go_together_is_refused(film, tmp_path, change, what):
    wanted = spec(film, *change.get("places", ("-",)), output=tmp_path / "o.mp4", resume=change.get("resume"))
    if "zones" in change:
        wanted = RunSpec(InputSpec(input=str(film)), output=wanted.output)
    with pytest.raises(UsageError, match=what):
        Run(wanted).execute()


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (InputSpec(camera="0"), "camera 0"),
        (InputSpec(camera="c920"), "c920"),
        (InputSpec(input="films/hall.mp4"), "hall"),
        (InputSpec(input="rtsp://me:secret@192.168.1.20:554/stream"), "192.168.1.20"),
        (InputSpec(input="demo"), "demo"),
    ],
)
def test_a_camera_is_called_by_what_is_no_secret(wanted, name):
    assert camera_name(wanted) == name
