"""A whole live run, whose zones are drawn by a viewer and whose boxes a detector sends."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from depths import info, rendered
from services import Asking
from stamped_feed import until

from streamdepth.frames import DepthMap, DepthMeaning
from streamdepth.reporting.events import PageServed
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.run import Run
from streamdepth.run.spec import InputSpec, OutputSpec, PictureSpec, RunSpec, StreamSpec
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions
from streamdepth.threads.worker import Worker
from streamdepth.zones.kept import KeptZones
from streamdepth.zones.read import read_zones
from streamdepth.zones.watch import ZoneWatch
from streamdepth.zones.zone import Zones

LEFT = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
DOOR = {"name": "door", "polygon": LEFT, "near": {"metres": 2, "seconds": 0}}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """(what can be asked, the folder): something stands at 1 m in the left half of a hall of 5 m."""
    folder = tmp_path_factory.mktemp("hall")
    values = np.full((24, 32), 5.0, np.float32)
    values[:, :12] = 1.0
    sink = sink_for(folder / "hall.npz", info(), DepthOptions())
    for index in range(60):
        one = rendered(values, index)
        depth = DepthMap(values, DepthMeaning.METRES)
        sink.write(replace(one, estimate=replace(one.estimate, depth=depth)))
    sink.close()
    spec = RunSpec(
        InputSpec(input=str(folder / "hall.npz"), zones=folder / "zones.toml"),
        StreamSpec(live=True),
        OutputSpec(webrtc=True, events=(str(folder / "events.jsonl"),)),
        picture=PictureSpec(stabilise=False),
        web=WebSpec(port=0),
    )
    pages = []
    run = Run(spec, observe=lambda event: pages.append(event) if isinstance(event, PageServed) else None)
    worker = Worker("run", run.execute, on_error=lambda _: None).start()
    try:
        until(lambda: pages or worker.error)
        asking = Asking(pages[0].address)
        until(lambda: asking.ask("/healthz")[0] == 200)
        yield asking, folder
    finally:
        run.stop()
        worker.join(30.0)


def said(answer):
    status, _, body = answer
    return status, json.loads(body)


def put(asking, table, path="/api/zones"):
    return said(asking.ask(path, "PUT", json.dumps(table).encode(), Content_Type="application/json"))


def test_a_zone_that_a_viewer_draws_is_watched_told_and_kept(served):
    asking, folder = served
    assert said(asking.ask("/api/zones"))[1]["zone"] == []
    status, told = put(asking, {"zone": [DOOR]})
    assert (status, told["zone"][0]["name"], told["kept"]) == (200, "door", True)
    assert read_zones(folder / "zones.toml").zones[0].name == "door"
    events = folder / "events.jsonl"
    until(lambda: events.stat().st_size)
    event = json.loads(events.read_text(encoding="utf-8").splitlines()[0])
    assert (event["zone"], event["phase"], event["nearest"], event["unit"]) == (
        "door",
        "began",
        1.0,
        "metres",
    )
    assert event["time"].endswith("Z")
    (state,) = said(asking.ask("/api/cameras/camera/zones"))[1]["states"]
    assert (state["state"], state["share"]) == ("present", 0.75)
    assert asking.state()["events"]["count"] >= 1


def test_what_is_no_zone_is_refused_with_its_place_and_changes_nothing(served):
    asking, _ = served
    before = said(asking.ask("/api/zones"))[1]["zone"]
    status, _, body = asking.ask(
        "/api/zones", "PUT", b'{"zone": [{"name": "x"}]}', Content_Type="application/json"
    )
    assert status == 400
    assert b"the polygon of zone 'x'" in body
    assert said(asking.ask("/api/zones"))[1]["zone"] == before


def test_metres_before_a_picture_has_said_whether_there_are_any_are_no_mistake_but_too_early(running_service):
    zone = {"name": "door", "polygon": [[0, 0], [1, 0], [1, 1]], "near": {"metres": 2}}
    with running_service(fed=False, zones=KeptZones(ZoneWatch(Zones()))) as service:
        body = json.dumps({"zone": [zone]}).encode()
        status, headers, told = service.ask("/api/zones", "PUT", body, Content_Type="application/json")
        assert (status, int(headers["Retry-After"]) > 0) == (503, True)
        assert b"no picture has said yet" in told


def test_a_detector_gets_depth_of_its_boxes(served):
    asking, _ = served
    body = {"boxes": [{"box": [0, 0, 240, 480], "label": "person"}], "size": [640, 480]}
    for path in ("/api/boxes", "/api/cameras/camera/boxes"):
        status, told = said(
            asking.ask(path, "POST", json.dumps(body).encode(), Content_Type="application/json")
        )
        (box,) = told["boxes"]
        assert (status, box["label"], box["metres"]["median"]) == (200, "person", 1.0)
    assert asking.ask("/api/cameras/other/boxes", "POST", b"{}", Content_Type="application/json")[0] == 404
    assert asking.ask("/api/boxes", "POST", b"[]", Content_Type="application/json")[0] == 400


@pytest.mark.parametrize("odd", ["NaN", "1e400", "1" + "0" * 400, '"\\ud800"', "[" * 2000])
def test_what_could_not_be_told_back_is_refused(served, odd):
    asking, _ = served
    body = f'{{"boxes": [{{"box": [0, 0, 9, 9], "score": {odd}}}]}}'.encode()
    assert said(asking.ask("/api/boxes", "POST", body, Content_Type="application/json")) == (
        400,
        {"error": "this is not JSON"},
    )
