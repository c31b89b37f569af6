from __future__ import annotations

from types import SimpleNamespace

import pytest

from streamdepth.cameras.camera import Phase
from streamdepth.cameras.clients import CamerasOfClients, IsEnding
from streamdepth.http.refusal import Refused
from streamdepth.run.spec import OutputSpec, RunSpec

COMMON = RunSpec(output=OutputSpec(webrtc=True))


class FakeGroup:
    is_ending = False

    def __init__(self):
        self.cameras = []

    def add(self, spec):
        if self.is_ending:
            raise IsEnding("this run is ending", "start it again")
        camera = SimpleNamespace(
            name=spec.name, spec=spec, phase=Phase.RUNNING, reason="", is_leaving=False, is_over=False
        )
        self.cameras = [one for one in self.cameras if one.name != spec.name] + [camera]

    def remove(self, name):
        next(camera for camera in self.cameras if camera.name == name).is_leaving = True


@pytest.fixture
def group():
    return FakeGroup()


@pytest.fixture
def clients(group):
    return CamerasOfClients(group, COMMON, may_change=True)


def refusal(call):
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.status


def test_a_camera_is_added_once_and_removed(clients, group):
    wanted = {"input": "rtsp://me:secret@host/1", "colormap": "turbo", "max_fps": 7.5}
    assert clients.put("front", wanted)
    assert not clients.put("front", wanted)
    assert refusal(lambda: clients.put("front", {"input": "rtsp://other/1"})) == 409
    run = group.cameras[0].spec.run
    assert (run.picture.colormap, run.amount.max_fps, run.output.webrtc) == ("turbo", 7.5, True)
    assert [(one.name, one.source) for one in clients.listed()] == [("front", "rtsp://***@host/1")]
    clients.delete("front")
    assert clients.listed()[0].condition == "ending"
    assert refusal(lambda: clients.put("front", wanted)) == 409
    assert refusal(lambda: clients.delete("back")) == 404


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.ENDED])
@pytest.mark.parametrize("again", ["rtsp://host/1", "rtsp://host/2"])
def test_one_that_is_over_begins_anew(clients, group, phase, again):
    clients.put("front", {"input": "rtsp://host/1"})
    group.cameras[0].phase, group.cameras[0].is_over = phase, True
    assert clients.put("front", {"input": again})
    (camera,) = group.cameras
    assert (camera.phase, camera.spec.run.input.input) == (Phase.RUNNING, again)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"input": 1},
        {"input": "/etc/passwd"},
        {"input": "file:///etc/passwd"},
        {"input": "demo"},
        {"input": "/dev/video0"},
        {"input": "http://169.254.169.254/latest"},
        {"input": "concat:rtsp://a|/etc/passwd"},
        {"input": "rtsp://host:99999999/1"},
        {"input": "rtsp://" + "a" * 3000},
        {"input": "rtsp://host/1", "output": "/tmp/x.mp4"},
        {"input": "rtsp://host/1", "alpha": True},
        {"input": "rtsp://host/1", "alpha": 7},
        {"input": "rtsp://host/1", "max_fps": 0},
        {"input": "rtsp://host/1", "max_fps": float("nan")},
        {"input": "rtsp://host/1", "layout": "no-such"},
    ],
)
def test_only_live_addresses_and_the_look_may_be_given(clients, group, wanted):
    assert refusal(lambda: clients.put("front", wanted)) == 400
    assert group.cameras == []


def test_a_run_that_is_ending_is_no_fault_of_who_asks(clients, group):
    group.is_ending = True
    with pytest.raises(Refused, match="this run is ending") as refused:
        clients.put("front", {"input": "rtsp://host/1"})
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "1")
    assert refusal(lambda: clients.put("front", {"input": "rtsp://host/1", "layout": "no-such"})) == 400


def test_a_name_that_is_none_is_refused(clients):
    assert refusal(lambda: clients.put("a b", {"input": "rtsp://host/1"})) == 400


def test_one_that_failed_says_why(clients, group):
    clients.put("front", {"input": "rtsp://host/1"})
    group.cameras[0].phase, group.cameras[0].is_over = Phase.FAILED, True
    group.cameras[0].reason = "rtsp://me:pw@host/1 does not answer"
    assert clients.listed()[0].condition == "failed (rtsp://***@host/1 does not answer)"
