"""Which source a word, a number, a path or an address opens."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_by_hand import frames

from streamdepth.addresses import WORDS
from streamdepth.backoff import Backoff
from streamdepth.errors import NoFrameYet, SourceError, SourceMissing, Trouble, UsageError
from streamdepth.frames import Frame, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sources import SourceOptions, check_source, files_of, open_source
from streamdepth.sources.live.reconnecting import Persistence
from streamdepth.sources.open import KINDS


class Opened:
    """Remembers what a source was opened with."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        self.positional, self.named = positional, named
        self.info = SourceInfo(64, 48, None, live=False, read_timeout=1.0)


@pytest.fixture
def videos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamdepth.sources.video.source.VideoSource", Opened)


class PulledOut:
    """A camera that gives two pictures and is gone, and remembers what it was opened with."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        self.positional, self.named = positional, named
        self.info = SourceInfo(64, 48, None, live=True, read_timeout=1.0, kind="camera")
        self._left = 2

    def read(self) -> Frame:
        if self._left == 0:
            raise SourceMissing("the camera was pulled out", "plug it in again")
        self._left -= 1
        picture = Picture.of_bgr(np.full((48, 64, 3), 100 * self._left, np.uint8))
        return Frame(0, Fraction(0), 100.0, picture)

    def close(self) -> None:
        pass


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> list[PulledOut]:
    """Every camera that was opened."""
    made: list[PulledOut] = []

    def open_camera(*positional: Any, **named: Any) -> PulledOut:
        made.append(PulledOut(*positional, **named))
        return made[-1]

    monkeypatch.setattr("streamdepth.sources.camera.source.CameraSource", open_camera)
    return made


def opened(spec: Any, options: SourceOptions | None = None) -> Opened:
    source = open_source(spec, options)
    assert isinstance(source, Opened)
    return source


@pytest.mark.parametrize(
    ("spec", "device"),
    [
        (0, 0),
        (2, 2),
        ("camera", 0),
        ("1", 1),
        ("/dev/video3", "/dev/video3"),
        ("/dev/v4l/by-id/x", "/dev/v4l/by-id/x"),
    ],
)
def test_numbers_and_device_paths_are_cameras(
    spec: str | int, device: str | int, cameras: list[PulledOut]
) -> None:
    open_source(spec, SourceOptions(size=(640, 480), rate=Fraction(15))).close()
    assert cameras[0].positional == (device,)
    assert cameras[0].named == {"name": str(device), "size": (640, 480), "rate": Fraction(15)}


def test_a_camera_that_is_not_there_yet_is_waited_for_by_the_thread_that_opens_it(
    cameras: list[PulledOut], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamdepth.sources.live.reconnection.BACKOFF", Backoff((), 0.05, 0.0, 0.0))
    tries: list[threading.Thread] = []

    def plugged_in_late(*positional: Any, **named: Any) -> PulledOut:
        tries.append(threading.current_thread())
        if len(tries) < 3:
            raise SourceMissing("there is no camera 0", "plug it in")
        return PulledOut(*positional, **named)

    monkeypatch.setattr("streamdepth.sources.camera.source.CameraSource", plugged_in_late)
    with pytest.raises(SourceMissing):
        open_source(0)
    told: list[str] = []
    waiting = SourceOptions(persistence=Persistence(wait_for_source=True), notify=told.append)
    with contextlib.closing(open_source(0, waiting)) as source:
        assert next(frames(source)).index == 0
    assert tries[:3] == [threading.current_thread()] * 3, "macOS asks for permission there alone"
    assert told[0] == "there is no camera 0; it is tried again until it is there (plug it in)"


def test_a_camera_that_is_pulled_out_comes_back(
    cameras: list[PulledOut], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamdepth.sources.live.reconnection.BACKOFF", Backoff((), 0.05, 0.0, 0.0))
    told: list[str] = []
    source = open_source(0, SourceOptions(notify=told.append))
    frames: list[Frame] = []
    end = time.monotonic() + 20
    while len(frames) < 5 and time.monotonic() < end:
        with contextlib.suppress(NoFrameYet):
            frame = source.read()
            assert frame is not None
            frames.append(frame)
    source.close()
    assert [frame.connection for frame in frames] == [0, 0, 1, 1, 2]
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert told[0] == "the camera was pulled out; it is tried again until it is back (plug it in again)"
    assert told[1] == "camera 0 is back after 0 s"


@pytest.mark.usefixtures("videos")
def test_a_file_that_is_called_like_a_number_is_no_camera(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "7").write_bytes(b"x")
    assert opened("7").positional[0] == "7"


def test_demo_is_the_scene_with_its_options() -> None:
    options = SourceOptions(size=(64, 36), rate=Fraction(12), duration=2, live=True)
    info = open_source("demo", options).info
    assert (info.kind, info.width, info.height) == ("demo", 64, 36)
    assert (info.rate, info.frame_count, info.live) == (Fraction(12), 24, True)


def test_the_demo_of_nobody_s_wishes_lasts_ten_seconds() -> None:
    info = open_source("demo").info
    assert (info.width, info.height, info.frame_count, info.live) == (1280, 720, 300, False)


def test_a_demo_without_a_duration_is_endless() -> None:
    assert open_source("demo", SourceOptions(size=(64, 36), duration=None)).info.frame_count is None


def test_a_rate_of_nought_is_refused_and_not_taken_for_none() -> None:
    with pytest.raises(UsageError, match="0 frames/s"):
        open_source("demo", SourceOptions(size=(64, 36), rate=Fraction(0)))


@pytest.mark.usefixtures("videos")
@pytest.mark.parametrize(
    "address",
    ["rtsp://cam/stream", "https://host/a.jpg", "RTSPS://u:p@h/", "file:///films/a.mp4", "srt://h:9"],
)
def test_addresses_are_video_whatever_they_end_in(address: str) -> None:
    from streamdepth.sources.video.source import VideoOptions

    assert opened(address).positional == (address, VideoOptions())


@pytest.mark.usefixtures("videos")
def test_a_file_is_video_and_takes_the_options_of_videos(tmp_path: Path) -> None:
    from streamdepth.sources.video.source import VideoOptions

    film, options = tmp_path / "street.mp4", VideoOptions(threads=1)
    film.write_bytes(b"x")
    for spec in (film, str(film)):
        assert opened(spec, SourceOptions(video=options)).positional == (str(film), options)


@pytest.mark.parametrize("drive", [r"C:\films\street.mp4", "c:/films/street.mp4", "C://films/street.mp4"])
def test_a_drive_letter_is_not_taken_for_an_address(drive: str) -> None:
    with pytest.raises(SourceMissing, match="there is no file or folder"):
        open_source(drive)


@pytest.mark.parametrize(
    "spec",
    [
        "demo",
        "browser",
        "rtsp://me:pw@nowhere.invalid:8554/a",
        "https://[::1]:8080/a.m3u8",
        "RTSPS://cam",
        "udp://@:1234",
        "srt://host:9?mode=listener",
    ],
)
def test_what_may_be_switched_on_later_is_judged_by_its_words_alone(spec: str) -> None:
    check_source(spec)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("rtps://cam/1", "of a kind that cannot be read here"),
        ("http:///a.mp4", "names no host"),
        ("rtsp://cam:99999/1", "the port of rtsp://cam:99999/1 cannot be read"),
        ("rtsp://me:a/b@cam/1", "in a user name or password, write / as %2F"),
        ("http://[::1/a.mp4", "cannot be read"),
    ],
)
def test_an_address_that_is_none_is_told_without_a_connection(spec: str, says: str) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        check_source(spec)
    assert "a/b" not in str(caught.value)


def test_a_local_input_that_is_checked_is_opened_and_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    class Noted(Opened):
        def close(self) -> None:
            seen.append(self.positional[0])

    monkeypatch.setattr("streamdepth.sources.video.source.VideoSource", Noted)
    (tmp_path / "a.mp4").write_bytes(b"x")
    check_source(str(tmp_path / "a.mp4"))
    check_source(f"file://{tmp_path}/a.mp4")
    assert seen == [str(tmp_path / "a.mp4")] * 2
    with pytest.raises(SourceMissing, match="did you mean"):
        check_source(str(tmp_path / "b.mp4"))


@pytest.mark.parametrize("name", ["b.mp4", "b" * 5000, "%00"])
def test_an_address_of_a_file_that_is_not_there_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        open_source(f"file://{tmp_path}/{name}")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="cameras are files on Linux alone")
def test_a_camera_that_is_checked_is_looked_for_and_not_opened(
    cameras: list[PulledOut], monkeypatch: pytest.MonkeyPatch
) -> None:
    for spec in ("/dev/video77", "77"):
        with pytest.raises(SourceMissing, match=f"there is no camera {spec}"):
            check_source(spec)
    monkeypatch.setattr(Path, "exists", lambda _path: True)
    monkeypatch.setattr("os.access", lambda *_call: False)
    with pytest.raises(SourceError, match="not readable and writable") as caught:
        check_source("/dev/video77")
    assert caught.value.trouble is Trouble.OTHER
    monkeypatch.setattr("os.access", lambda *_call: True)
    check_source("/dev/video77")
    assert cameras == []


def test_the_package_of_sources_loads_no_library_before_it_is_used() -> None:
    check = "import sys, streamdepth.sources; print([m for m in ('cv2', 'av', 'numpy.random') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, timeout=60, check=True
    )
    assert "cv2" not in done.stdout
    assert "'av'" not in done.stdout


def meaning(spec: Any) -> list[int]:
    return [place for place, kind in enumerate(KINDS) if kind.is_meant(spec)]


def test_every_word_is_of_one_kind_before_paths_and_reads_no_file() -> None:
    """The words of the registry are those that the command line knows for inputs."""
    kinds = [meaning(word) for word in sorted(WORDS)]
    assert [len(places) for places in kinds] == [2] * len(WORDS)
    assert {places[1] for places in kinds} == {len(KINDS) - 1}
    assert all(files_of(word) == [] for word in WORDS)


def test_a_path_of_the_same_letters_as_a_word_is_a_path() -> None:
    assert all(meaning(Path(word)) == [len(KINDS) - 1] for word in WORDS)


@pytest.mark.parametrize(
    "spec", ["rtsp://host/1", "file:///tmp/a.png", "/dev/video7", 3, "a.mp4", "no such thing"]
)
def test_whatever_is_typed_is_of_some_kind(spec: Any) -> None:
    assert meaning(spec)[-1] == len(KINDS) - 1
    assert len(meaning(spec)) == (1 if spec in ("a.mp4", "no such thing") else 2)


def test_the_wished_size_is_looked_at_before_anything_is_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        check_source(str(tmp_path), SourceOptions(size=(100_000, 100_000)))
