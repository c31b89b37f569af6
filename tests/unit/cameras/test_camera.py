from __future__ import annotations

from dataclasses import replace

from streamdepth.batch.outcome import State
from streamdepth.cameras.camera import Camera, Phase
from streamdepth.cameras.spec import CameraSpec
from streamdepth.errors import SourceError
from streamdepth.reporting.events import OutputRenamed, RunBegan, Said, ignore
from streamdepth.run.spec import OutputSpec, RunSpec
from streamdepth.threads.worker import Flag


class FakeRun:
    """A run that opens its input, runs, and ends when it is told to."""

    def __init__(self, observe, error=None):
        self.observe, self.error, self.written = observe, error, 0
        self.opening, self.stopped = Flag(), Flag()

    def execute(self):
        self.opening.wait(10)
        if self.error is not None:
            raise self.error
        self.observe(RunBegan(True, False, None))
        assert self.stopped.wait(10)

    def stop(self):
        self.stopped.set()

    def report(self):
        return {"frames": {"written": self.written}}

    def kept_parts(self):
        return []


def begun(error=None, observe=ignore, **output):
    spec = CameraSpec("front", replace(RunSpec(), output=OutputSpec(**output)))
    runs = []
    camera = Camera(spec, observe, lambda observe: runs.append(FakeRun(observe, error)) or runs[0])
    camera.start()
    return camera, runs[0]


def test_a_camera_goes_from_its_start_to_its_end(until):
    camera, run = begun()
    assert (camera.phase, camera.is_over) == (Phase.STARTING, False)
    run.opening.set()
    until(lambda: camera.phase is Phase.RUNNING)
    run.written = 3
    assert (camera.outcome().state, camera.outcome().reason) == (State.STOPPED, "it has not ended")
    camera.stop()
    assert camera.join(10)
    assert (camera.phase, camera.outcome().state) == (Phase.ENDED, State.DONE)


def test_one_that_ended_between_its_start_and_its_first_picture_is_not_done(until):
    camera, run = begun()
    run.opening.set()
    until(lambda: camera.phase is Phase.RUNNING)
    camera.stop()
    assert camera.join(10)
    assert (camera.outcome().state, camera.outcome().reason) == (State.STOPPED, "no picture came")


def test_one_that_was_stopped_before_it_was_open_ends_as_soon_as_it_is_and_has_not_failed():
    camera, run = begun()
    camera.stop()
    run.opening.set()
    assert camera.join(10)
    assert camera.phase is Phase.ENDED
    camera, run = begun(SourceError("it does not answer", "look"))
    camera.stop()
    run.opening.set()
    assert camera.join(10)
    assert camera.phase is Phase.ENDED
    assert (camera.outcome().state, camera.outcome().reason) == (State.STOPPED, "no picture came")


def test_one_that_fails_says_why_and_leaves_the_folder_to_the_others(tmp_path):
    told, events = [], tmp_path / "events" / "front.jsonl"
    places = {"output": tmp_path / "films" / "front.mp4", "events": ("-", str(events), "mqtt://broker")}
    camera, run = begun(SourceError("it does not answer", "look"), told.append, **places)
    run.opening.set()
    assert camera.join(10)
    assert told == [Said("failed: it does not answer (look)", is_warning=True)]
    assert (camera.phase, camera.reason) == (Phase.FAILED, "it does not answer (look)")
    assert camera.outcome().state is State.FAILED
    assert (tmp_path / "films").is_dir()
    assert list(events.parent.iterdir()) == []


def test_a_fault_of_ours_is_told_as_one():
    camera, run = begun(KeyError("x"))
    run.opening.set()
    assert camera.join(10)
    assert camera.reason == "unexpected KeyError: 'x'"


def test_its_outputs_are_told_by_the_names_that_they_have(tmp_path):
    film, maps = tmp_path / "front.mp4", tmp_path / "maps"
    camera, run = begun(output=film, depth_output=maps)
    run.observe(OutputRenamed(film, tmp_path / "front-2.mp4"))
    assert camera.outcome().outputs == (tmp_path / "front-2.mp4", maps)
    in_pieces, other = begun(output=film, segment=600.0)
    assert in_pieces.outcome().outputs == (tmp_path / "front-*.mp4",)
    for one, its_run in ((camera, run), (in_pieces, other)):
        one.stop()
        its_run.opening.set()
        assert one.join(10)
