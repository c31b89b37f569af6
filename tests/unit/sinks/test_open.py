import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction

import pytest

from streamdepth.errors import DisplayMissing, UsageError
from streamdepth.frames import SourceInfo
from streamdepth.sinks import open_depth_sink, open_sink, open_window
from streamdepth.sinks.depth.sink import DepthSink
from streamdepth.sinks.images.sink import ImageSink
from streamdepth.sinks.movie.sink import MovieSink


@dataclass
class FakeSource:
    info: SourceInfo


IMAGE = FakeSource(SourceInfo(32, 24, None, False, 5.0, kind="image", frame_count=1))
FOLDER = FakeSource(SourceInfo(32, 24, None, False, 5.0, kind="image"))
VIDEO = FakeSource(SourceInfo(32, 24, Fraction(25), False, 5.0))


@pytest.mark.parametrize("name", ["depth.mp4", "depth.MP4", "depth.mkv", "depth.mov", "depth.webm"])
def test_a_movie_is_known_by_its_suffix(tmp_path, name):
    sink = open_sink(str(tmp_path / name), VIDEO)
    sink.close(complete=False)
    assert isinstance(sink, MovieSink)


@pytest.mark.parametrize(("source", "name"), [(IMAGE, "out.png"), (IMAGE, "out.JPG"), (FOLDER, "out")])
def test_pictures_become_pictures(tmp_path, source, name):
    assert isinstance(open_sink(tmp_path / name, source), ImageSink)


def test_a_picture_of_a_video_is_refused_by_what_is_wrong(tmp_path):
    with pytest.raises(UsageError, match="the input is not one"):
        open_sink(tmp_path / "out.png", VIDEO)


@pytest.mark.parametrize("name", ["out.avi", "out", "out.txt"])
def test_what_nothing_writes_is_refused_and_what_there_is_is_named(tmp_path, name):
    with pytest.raises(UsageError, match=r"name an \.mp4, \.mkv, \.mov or \.webm file"):
        open_sink(tmp_path / name, VIDEO)


@pytest.mark.parametrize("source", [IMAGE, FOLDER, VIDEO])
@pytest.mark.parametrize("name", ["depth.npz", "depth.EXR", "depth.ply", "depth.pfm", "depth.mcap"])
def test_a_file_of_depth_is_refused_for_pictures_with_the_option_that_writes_it(tmp_path, source, name):
    with pytest.raises(UsageError, match=f"no picture to look at \\(--depth-output .*{name} writes it"):
        open_sink(tmp_path / name, source)


def test_a_folder_may_be_called_like_a_file_of_depth(tmp_path):
    (tmp_path / "depth.npz").mkdir()
    assert isinstance(open_sink(tmp_path / "depth.npz", FOLDER), ImageSink)


@pytest.mark.parametrize("name", ["depth.mp4", "depth.webm"])
def test_a_film_to_look_at_is_refused_for_depth_with_the_option_that_writes_it(tmp_path, name):
    told = rf"film to look at \(--output .*{name} writes it; for depth choose from .*\.mkv"
    with pytest.raises(UsageError, match=told):
        open_depth_sink(tmp_path / name, VIDEO)


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there always is a display")
def test_a_window_is_opened_where_there_is_a_display_alone():
    with pytest.raises(DisplayMissing):
        open_sink("window", VIDEO, controls=None, environ={"DISPLAY": ":4242"})
    with pytest.raises(DisplayMissing):
        open_window("title", None, environ={"DISPLAY": ":4242"})


def test_depth_itself_has_a_sink_of_its_own(tmp_path):
    assert isinstance(open_depth_sink(tmp_path / "depth.png", IMAGE), DepthSink)
    with pytest.raises(UsageError):
        open_depth_sink(str(tmp_path / "depth.png"), VIDEO)


def test_the_options_go_to_the_sink(tmp_path):
    with pytest.raises(UsageError, match=r"'\.gif'"):
        open_sink(tmp_path / "out", FOLDER, suffix=".gif")


def test_importing_the_sinks_loads_no_heavy_package():
    heavy = "cv2 av torch timm openvino onnxruntime aiortc"
    code = f"import sys, streamdepth.sinks; print(set('{heavy}'.split()) & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "set()"
