"""A run without the command line: a spec in, events and files out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import pytest
from films import greys, write_film

from streamdepth.errors import DisplayMissing, SinkError, SourceMissing, UsageError
from streamdepth.reporting.events import (
    FrameWritten,
    InputOpened,
    LoadBegan,
    LoadEnded,
    NetworkLoaded,
    OutputRenamed,
    OutputReplaced,
    OutputsClosed,
    RunBegan,
    Said,
    Stopping,
)
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.run import Run
from streamdepth.run.spec import (
    AmountSpec,
    InputSpec,
    NetworkSpec,
    OutputSpec,
    PictureSpec,
    RunSpec,
    StreamSpec,
)

NANO = NetworkSpec(
    "nano", "onnxruntime", "fp32", size=64
)  # nothing to measure first, whatever the cache holds
DEMO = InputSpec(input="demo", camera_size=(160, 96))


def test_a_spec_of_five_lines_renders_a_film_and_reports_what_happens(tmp_path: Path) -> None:
    film, seen = tmp_path / "demo.mp4", []
    spec = RunSpec(DEMO, output=OutputSpec(output=film), network=NANO, amount=AmountSpec(frames=5))
    stats = Run(spec, observe=seen.append).execute()
    with av.open(str(film)) as container:
        assert sum(1 for _ in container.decode(video=0)) == stats.written == 5
    assert [type(event) for event in seen if not isinstance(event, FrameWritten)] == [
        InputOpened,
        LoadBegan,
        LoadEnded,
        NetworkLoaded,
        RunBegan,
        OutputsClosed,
    ]
    assert [event.count for event in seen if isinstance(event, FrameWritten)] == [1, 2, 3, 4, 5]
    assert RunBegan(is_live=False, writes_files=True, frames=5) in seen
    assert seen[-1] == OutputsClosed(complete=True)


def test_a_run_that_cannot_be_put_together_tells_that_its_outputs_are_closed(tmp_path: Path) -> None:
    seen = []
    output = OutputSpec(output=tmp_path / "demo.mp4")
    with pytest.raises(UsageError, match="tiny"):
        Run(RunSpec(DEMO, output=output, network=NetworkSpec(model="tiny")), observe=seen.append).execute()
    assert seen[-2:] == [LoadEnded(), OutputsClosed(complete=False)]
    assert list(tmp_path.iterdir()) == []


def test_a_camera_is_not_waited_for_once_its_network_cannot_be_loaded() -> None:
    spec = RunSpec(
        InputSpec(input="rtsp://127.0.0.1:9/nobody"),
        StreamSpec(wait_for_source=True),
        OutputSpec(webrtc=True),
        network=NetworkSpec(model="tiny"),
    )
    with pytest.raises(UsageError, match="tiny"):
        Run(spec).execute()


def test_a_file_that_is_there_already_stays_and_the_new_name_is_told(tmp_path: Path) -> None:
    film, seen = tmp_path / "demo.mp4", []
    film.write_bytes(b"mine")
    spec = RunSpec(
        DEMO,
        StreamSpec(live=True),
        OutputSpec(output=film),
        network=NANO,
        amount=AmountSpec(frames=2),
    )
    Run(spec, observe=seen.append).execute()
    (renamed,) = [event for event in seen if isinstance(event, OutputRenamed)]
    assert renamed.named == film
    assert renamed.written != film
    assert film.read_bytes() == b"mine"


def test_depth_that_cannot_be_written_ends_no_run_that_somebody_watches(tmp_path: Path) -> None:
    """A file of one frame stands for a disk that is full: it fails at the second one."""
    seen, output = [], OutputSpec(depth_output=tmp_path / "depth.ply", webrtc=True)
    spec = RunSpec(
        DEMO,
        StreamSpec(live=True),
        output,
        network=NANO,
        amount=AmountSpec(frames=4),
        web=WebSpec(port=0),
    )
    with pytest.raises(SinkError, match="holds one frame"):
        Run(spec, observe=seen.append).execute()
    assert FrameWritten(4) in seen
    (said,) = [event for event in seen if isinstance(event, Said) and event.is_warning]
    assert said.line.startswith("the recording has ended, everything else continues")


def test_what_a_render_replaces_is_told_before_its_first_picture(tmp_path: Path) -> None:
    film, depth, seen = tmp_path / "demo.mp4", tmp_path / "depth.mkv", []
    film.write_bytes(b"mine")
    depth.write_bytes(b"mine too")
    spec = RunSpec(
        DEMO,
        output=OutputSpec(output=film, depth_output=depth),
        network=NANO,
        amount=AmountSpec(frames=2),
    )
    Run(spec, observe=seen.append).execute()
    assert [event.path for event in seen if isinstance(event, OutputReplaced)] == [film, depth]
    assert seen.index(OutputReplaced(depth)) < seen.index(FrameWritten(1))
    assert film.stat().st_size > 100


def test_without_surroundings_there_is_no_display() -> None:
    with pytest.raises(DisplayMissing, match="no display"):
        Run(RunSpec(DEMO)).execute()


def test_a_file_that_is_missing_is_told_before_a_display_that_is(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match=r"no file or folder .*street\.mp4"):
        Run(RunSpec(InputSpec(input=str(tmp_path / "street.mp4")))).execute()


def test_a_run_that_has_not_begun_tells_that_it_is_asked_to_stop() -> None:
    seen = []
    assert not Run(RunSpec(DEMO), observe=seen.append).stop()
    assert seen == [Stopping()]


def test_a_bad_spec_is_refused_when_the_run_is_made() -> None:
    with pytest.raises(UsageError, match=r"--size cannot be 0 \(it must be above 0\)"):
        Run(RunSpec(DEMO, network=NetworkSpec(size=0)))


def test_a_run_that_is_refused_once_its_input_is_known_leaves_nothing_behind(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4", greys(range(3)))
    output = OutputSpec(output=tmp_path / "d.mp4")
    spec = RunSpec(
        InputSpec(input=str(film)), output=output, picture=PictureSpec(interpolate=True), network=NANO
    )
    with pytest.raises(UsageError, match="--interpolate is for live pictures"):
        Run(spec).execute()
    assert list(tmp_path.iterdir()) == [film]


@pytest.mark.parametrize("depth", ["depth.npz", "none/depth.mcap"])
def test_a_live_run_whose_depth_cannot_be_written_leaves_no_empty_recording(
    tmp_path: Path, depth: str
) -> None:
    output = OutputSpec(output=tmp_path / "day.mp4", depth_output=tmp_path / depth)
    with pytest.raises((UsageError, SinkError)):
        Run(RunSpec(DEMO, StreamSpec(live=True), output, network=NANO)).execute()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "use",
    [
        "streamdepth.open_source('film.mp4')",
        "from streamdepth.run.run import Run; from streamdepth.run.spec import InputSpec, OutputSpec, RunSpec; "
        "from pathlib import Path; "
        "Run(RunSpec(InputSpec(input='film.mp4'), output=OutputSpec(output=Path('depth.mp4')))).execute()",
        "from streamdepth.cli.app import _exit_status; _exit_status(['film.mp4', '--output', 'depth.mp4'])",
    ],
)
def test_opencv_is_loaded_before_pyav(use, tmp_path):
    """Behind it, its first window would hang for ever."""
    (tmp_path / "film.mp4").write_bytes(b"no film at all")
    looked = "loaded = [m for m in sys.modules if m in ('cv2', 'av')]; print(loaded[0], len(loaded))"
    probe = f"import sys, streamdepth\ntry:\n  {use}\nexcept OSError:\n  pass\n{looked}"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["cv2", "2"]
