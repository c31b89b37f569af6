"""Several cameras in this process, with a stand-in network: what one does is no matter of the others."""

from __future__ import annotations

import gc
import json
import threading
import weakref
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from services import Asking

from streamdepth.batch.outcome import State
from streamdepth.batch.spec import BatchSpec
from streamdepth.cameras.clients import IsEnding
from streamdepth.cameras.group import Group
from streamdepth.cameras.plan import plan_group
from streamdepth.cameras.spec import CameraOptions
from streamdepth.errors import SinkError
from streamdepth.frames import DepthMap
from streamdepth.reporting.events import PageServed, Said
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.spec import AmountSpec, InputSpec, OutputSpec, RunSpec, StreamSpec
from streamdepth.run.surroundings import Surroundings

BOUND = 60.0
DEMOS = RunSpec(
    input=InputSpec(camera_size=(64, 48), camera_fps=Fraction(10)),
    stream=StreamSpec(live=True),
    output=OutputSpec(webrtc=True),
    web=WebSpec(port=0),
)


class Lane:
    """Depth at once."""

    def warm_up(self, width, height):
        pass

    def estimate(self, image):
        return DepthMap(np.linspace(0, 9, 12, dtype=np.float32).reshape(3, 4))

    def estimate_picture(self, picture):
        return self.estimate(None)


class Network(Lane):
    name, sha256, runtime_name, precision = "nano", "ab", "onnxruntime", "fp32"

    def __init__(self):
        self.lanes = [Lane(), Lane()]

    def input_size(self, width, height):
        return width, height


def loaded(_network, _cache_dir, observe):
    observe(Said("model: nano"))
    return Network()


class Ran:
    """A group that runs in a thread."""

    def __init__(self, spec):
        self.addresses, self.told = [], []
        self.group = Group(spec, Surroundings(), self._observe_of, loaded)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.error = None
        self.thread.start()

    def _observe_of(self, name):
        return lambda event: self._heed(name, event)

    def _heed(self, name, event):
        self.told.append((name, event))
        if isinstance(event, PageServed):
            self.at_once = json.loads(Asking(event.address).ask("/api/cameras")[2])["cameras"]
            self.addresses.append(event.address)

    def _run(self):
        try:
            self.group.execute()
        except BaseException as error:
            self.error = error

    def listed(self):
        assert self.thread.is_alive(), (self.error, self.group.outcomes)
        entries = json.loads(self.asking.ask("/api/cameras")[2])["cameras"]
        return {entry["name"]: entry for entry in entries}

    def conditions(self):
        return {name: entry["condition"] for name, entry in self.listed().items()}

    @property
    def asking(self):
        return Asking(self.addresses[0])


@contextmanager
def running(inputs, until, common=DEMOS, **options):
    spec = plan_group(common, BatchSpec(tuple(inputs)), CameraOptions(**options), {}, Surroundings())
    ran = Ran(spec)
    try:
        until(lambda: ran.addresses or ran.error)
        assert ran.error is None
        yield ran
    finally:
        ran.group.stop()
        ran.thread.join(BOUND)
        assert not ran.thread.is_alive()


def test_cameras_run_together_and_one_that_does_not_come_up_ends_no_other(until, tmp_path):
    inputs = ("a=demo", "b=demo", "gone=rtsp://127.0.0.1:9/x")
    common = replace(
        DEMOS, output=replace(DEMOS.output, output=tmp_path / "films", report=tmp_path / "r.json")
    )
    with running(inputs, until, common) as ran:
        until(lambda: ran.conditions()["gone"].startswith("failed"))
        until(lambda: ran.conditions()["a"] == ran.conditions()["b"] == "live")
        assert ran.asking.ask("/snapshot/a.jpg")[2][:2] == b"\xff\xd8"
        for place in ("/api/cameras/gone/state", "/api/cameras/gone/zones", "/snapshot/gone.jpg"):
            status, _, body = ran.asking.ask(place)
            assert (status, b"gone: failed" in body) == (503, True)
        live = {"condition": "live", "cameras": {"live": 2, "failed": 1}}
        until(lambda: json.loads(ran.asking.ask("/healthz")[2]) == live)
        assert 'streamdepth_live{camera="gone"} 0.0' in ran.asking.ask("/metrics")[2].decode()
        assert ran.asking.ask("/api/cameras/x", "PUT", b"{}", Content_Type="application/json")[0] == 403
    said = [name for name, event in ran.told if event == Said("model: nano")]
    assert said == [""], "the network is of no camera"
    states = {outcome.name: outcome.state for outcome in ran.group.outcomes}
    assert states == {"a": State.DONE, "b": State.DONE, "gone": State.FAILED}
    assert sorted(path.name for path in (tmp_path / "films").iterdir()) == ["a.mp4", "b.mp4"]
    ran.group.write_report()
    report = json.loads((tmp_path / "r.json").read_text())
    assert [section["camera"] for section in report["cameras"]] == ["a", "b", "gone"]
    assert report["cameras"][0]["report"]["frames"]["written"] > 0
    assert report["cameras"][2]["state"] == "failed"


def test_whoever_asks_as_soon_as_the_page_is_served_sees_all_cameras(until):
    with running(["a=demo", "b=demo"], until) as ran:
        assert [(entry["name"], entry["condition"]) for entry in ran.at_once] == [
            ("a", "starting"),
            ("b", "starting"),
        ]


def test_figures_that_cannot_be_served_end_what_had_not_begun(until, running_service):
    with running_service() as other:
        common = replace(DEMOS, output=replace(DEMOS.output, metrics=f"127.0.0.1:{port_of(other)}"))
        spec = plan_group(common, BatchSpec(("a=demo", "b=demo")), CameraOptions(), {}, Surroundings())
        group = Group(spec, Surroundings(), load=lambda *_: Network())
        with pytest.raises(SinkError, match="name another place for --metrics"):
            group.execute()
    assert [outcome.frames for outcome in group.outcomes] == [0, 0]


def test_cameras_come_and_go_while_the_others_run(until):
    def put(name, **wanted):
        body = json.dumps(wanted).encode()
        return ran.asking.ask(f"/api/cameras/{name}", "PUT", body, Content_Type="application/json")[0]

    with running(["a=demo"], until, allow_camera_changes=True) as ran:
        until(lambda: ran.conditions() == {"a": "live"})
        assert put("late", input="rtsp://127.0.0.1:9/x") == 201
        assert put("file", input="/etc/passwd") == 400
        until(lambda: ran.conditions()["late"].startswith("failed"))
        assert put("late", input="rtsp://127.0.0.1:9/x") == 201  # it is tried again
        until(lambda: ran.conditions()["late"].startswith("failed"))
        assert ran.asking.ask("/api/cameras/late", "DELETE")[0] == 202
        until(lambda: "late" not in ran.listed())
        ran.group.remove("late")  # as by somebody who saw it just before
        assert ran.asking.ask("/api/cameras/a", "DELETE")[0] == 202
        until(lambda: ran.listed() == {})
        assert ran.asking.ask("/snapshot/a.jpg")[0] == 404
        assert ran.thread.is_alive()
    assert [(outcome.name, outcome.state) for outcome in ran.group.outcomes] == [
        ("late", State.FAILED),
        ("late", State.FAILED),
        ("a", State.DONE),
    ]


def port_of(service):
    return int(service.url.rpartition(":")[2])


def late(wanted):
    return replace(
        wanted, name="late", run=replace(wanted.run, input=replace(wanted.run.input, called="late"))
    )


def test_a_camera_that_is_out_leaves_its_figures_and_nothing_else(until):
    with running(["a=demo"], until, allow_camera_changes=True) as ran:
        ran.group.add(late(ran.group.spec.cameras[0]))
        camera = weakref.ref(ran.group.cameras[1])
        until(lambda: ran.conditions() == {"a": "live", "late": "live"})
        gc.disable()  # a run makes too few objects for Python to look for circles by itself
        try:
            ran.group.remove("late")
            until(lambda: "late" not in ran.listed())
            until(lambda: camera() is None)
        finally:
            gc.enable()
        assert next(one for one in ran.group.outcomes if one.name == "late").frames > 0


def test_what_takes_the_place_of_a_camera_that_leaves_does_not_leave_with_it(until):
    spec = plan_group(DEMOS, BatchSpec(("gone=rtsp://127.0.0.1:9/x",)), CameraOptions(), {}, Surroundings())
    group = Group(spec, load=lambda *_: Network())
    group.add(spec.cameras[0])
    until(lambda: group.cameras[0].has_left)
    group.remove("gone")
    group.add(spec.cameras[0])  # before the group has looked
    (present,) = group.cameras
    until(lambda: present.has_left)
    group._take_out()
    assert group.cameras == (present,)


def test_a_camera_that_is_waited_for_is_out_at_once_when_it_is_removed(until):
    common = replace(DEMOS, stream=StreamSpec(live=True, wait_for_source=True))
    inputs = [f"{name}=rtsp://127.0.0.1:9/x" for name in ("gone", "other")]
    with running(inputs, until, common, allow_camera_changes=True) as ran:
        until(lambda: {name for name, event in ran.told if isinstance(event, Said)} == {"", "gone", "other"})
        assert ran.asking.ask("/api/cameras/gone", "DELETE")[0] == 202
        until(lambda: list(ran.conditions()) == ["other"])
        assert ran.conditions()["other"].startswith("starting (nothing listens at rtsp://127.0.0.1:9/x")
    assert not [event for _, event in ran.told if isinstance(event, Said) and "left behind" in event.line]


def test_no_camera_is_added_to_a_group_that_ends(until):
    with running(["a=demo"], until, allow_camera_changes=True) as ran:
        pass
    with pytest.raises(IsEnding, match="this run is ending"):
        ran.group.add(late(ran.group.spec.cameras[0]))
    assert [outcome.name for outcome in ran.group.outcomes] == ["a"]


def test_a_group_is_over_when_its_last_camera_is(until):
    common = replace(DEMOS, amount=AmountSpec(frames=5))
    with running(["a=demo", "b=demo"], until, common) as ran:
        ran.thread.join(BOUND)
        assert not ran.thread.is_alive()
    assert [outcome.frames for outcome in ran.group.outcomes] == [5, 5]


def test_a_page_that_cannot_be_is_told_before_any_camera_begins(until, running_service):
    with running_service() as other:
        common = replace(DEMOS, web=WebSpec(port=port_of(other)))
        spec = plan_group(common, BatchSpec(("a=demo", "b=demo")), CameraOptions(), {}, Surroundings())
        with pytest.raises(Exception, match="name another with --port"):
            Group(spec, Surroundings(), load=lambda *_: Network()).execute()
