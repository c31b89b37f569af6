"""Exit statuses and sentences of the command line, without a network being run."""

from __future__ import annotations

import socket
import subprocess
import sys

import av
import cv2
import numpy as np
import pytest
from engine_loading import KNOWN_NETWORK

from streamdepth.cli.app import _exit_status
from streamdepth.frames import SourceInfo


def run(capfd, *words):
    """Exit status and the lines on standard error."""
    status = _exit_status([str(word) for word in words])
    return status, capfd.readouterr().err.strip().splitlines()


def only_error(lines):
    assert len(lines) == 1, lines
    assert lines[0].startswith("streamdepth: error: ")
    assert lines[0].endswith(")"), "the cure stands in brackets at the end"
    return lines[0]


def clip(path, frames=5, audio_only=False, **options):
    with av.open(str(path), "w", options=options) as container:
        if audio_only:
            stream = container.add_stream("aac", rate=48000)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 48000
            frames = 1
        else:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for n in range(frames):
            if not audio_only:
                frame = av.VideoFrame.from_ndarray(
                    np.full((48, 64, 3), n * 40 % 256, np.uint8), format="bgr24"
                )
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--camera 0"),
        (["--camera", "0", "--input", "demo"], "cannot run together with cameras"),
        (["--input", "demo", "--colormap", "hotdog"], "inferno, magma"),
        (["--input", "demo", "--layout", "upside-down"], "side-by-side"),
        (["--input", "demo", "--model", "no-such-model"], "midas-small"),
        (["--input", "demo", "--engine", "warp"], "onnxruntime"),
        (["--input", "demo", "--precision", "fp4"], "fp32"),
        (["--input", "demo", "--alpha", "2"], "0 to 1"),
        (["--input", "demo", "--range", "5,1"], "rising"),
        (["--input", "demo", "--cut-beyond", "30"], "up to 1"),
        (["--input", "demo", "--interpolate"], "--live"),
        (["--input", "demo", "--switch-to", "street.mp4"], "add --webrtc"),
        (["--input", "browser", "--switch-to", "demo"], "does not go with a browser's camera"),
        (
            ["--input", "demo", "--switch-to", "demo", "--webrtc", "--port", "0", "--output", "o.mp4"],
            "add --live",
        ),
        (["--input", "demo", "--live", "--interpolate", "--depth-output", "d"], "leave one of them out"),
        (["--input", "demo", "--frames", "0"], "above 0"),
        (["--input", "demo", "--size", "-3"], "size"),
        (["--input", "demo", "--camera-size", "big"], "1280x720"),
        (["--input", "demo", "--max-fps", "fast"], "30000/1001"),
        (["--nope"], "--nope"),
        (
            ["street"],
            "there is no command 'street' (--camera 0 is a camera, and street.mp4 or --input NAME a file;",
        ),
        (["a.mp4", "--resume", "yes"], "there is no command 'yes' ("),
        (["a.mp4", "out"], "there is no command 'out' (nor is there such a file; --output out writes to it;"),
        (["help"], "did you mean streamdepth --help?"),
        (["--size", "big"], "--size takes a whole number, and 'big' is none (streamdepth --help"),
        (["0"], "did you mean --camera 0?"),
        (["a.jpg", "b.jpg"], "several inputs need a place for their outputs (add --output FOLDER"),
        (["street.mp4", "--input", "demo"], "several inputs need a place for their outputs"),
        (
            ["--camera=0", "rtsp://me:word@cam"],
            "two inputs were given, one of them rtsp://***@cam (name one)",
        ),
        (["--input", "demo", "--open"], "add --webrtc"),
        (["model", "list"], "did you mean streamdepth models?"),
        (["bench", "street.mp4"], "bench has no use for 'street.mp4' (did you mean --input street.mp4?)"),
        (["bench", "quick"], "streamdepth bench has no use for 'quick' (streamdepth bench --help says"),
        (
            ["models", "list", "street.mp4"],
            "has no use for 'street.mp4' (streamdepth models list --help says",
        ),
        (["evaluate"], "streamdepth evaluate needs DATA (streamdepth evaluate --help"),
        (
            ["models", "verify"],
            "error: streamdepth models verify needs NAME (streamdepth models verify --help",
        ),
        (["models", "verify", "auto"], "no published weights called 'auto' (name midas-small or nano)"),
        (["models", "fetch", "--name"], "error: --name needs a value (streamdepth models fetch --help"),
        (["metres", "a.png"], "error: streamdepth metres needs --output (streamdepth metres --help"),
        (["metres", "a.png", "--outpt", "a"], "streamdepth metres needs --output instead of --outpt ("),
        (["a.mp4", "--start"], "error: --start needs a value (streamdepth --help"),
        (["--input", "demo", "--output", "depth.xyz"], ".mp4"),
        (["--config", "no-such.toml"], "cannot read no-such.toml: No such file or directory ("),
    ],
)
def test_wrong_usage_exits_2_with_one_line_that_helps(capfd, tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    needs_sink = words[:2] == ["--input", "demo"] and "--output" not in words
    status, lines = run(capfd, *words, *(["--output", tmp_path / "x.mp4"] if needs_sink else []))
    assert says in only_error(lines)
    assert status == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    ["clip.mp4 {}", "{} clip.mp4", "./clip.mp4 {}", "clip.* {}", "file://{cwd}/clip.mp4 {}"],
)
def test_a_first_word_that_is_an_input_needs_no_option(capfd, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    clip(tmp_path / "clip.mp4")
    rest = "--depth-output d --model nano --frames 1"
    name = words.format(rest, cwd=tmp_path)
    if "*" in words:
        cv2.imwrite(str(tmp_path / "clip.png"), np.zeros((48, 64, 3), np.uint8))
    assert run(capfd, *name.split())[0] == 0
    assert (tmp_path / "d").is_dir()


def test_a_run_that_wrote_nothing_says_so_and_fails(capfd, tmp_path, monkeypatch):
    class Nothing:
        info = SourceInfo(64, 48, None, live=True, read_timeout=1.0, kind="video")

        def read(self):
            return None

        def close(self):
            return

    monkeypatch.setattr("streamdepth.sources.open_source", lambda *_: Nothing())
    status, lines = run(capfd, "--input", "rtsp://cam/1", "--output", tmp_path / "o.mp4", *KNOWN_NETWORK)
    assert status == 1
    told = "nothing was written: the input gave no picture (look at it with streamdepth doctor)"
    assert lines[-1] == f"streamdepth: error: {told}"  # after what is said of a network that is new here
    assert not (tmp_path / "o.mp4").exists()


@pytest.mark.parametrize("words", ["clip.mp4 --report clip.mp4", "--report clip.mp4 clip.mp4"])
def test_the_input_may_be_the_value_of_another_option_too(capfd, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    before = clip(tmp_path / "clip.mp4").read_bytes()
    status, lines = run(capfd, *words.split(), "--output", "o.mp4", *KNOWN_NETWORK)
    assert status == 2
    assert "--input and --report name the same place, clip.mp4" in only_error(lines)
    assert (tmp_path / "clip.mp4").read_bytes() == before


def test_a_first_word_that_is_a_wrong_path_is_told_as_such(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "street.mp4").write_bytes(b"x")
    status, lines = run(capfd, "steet.mp4", "--depth-output", "d", *KNOWN_NETWORK)
    assert status == 1
    assert "there is no file or folder steet.mp4 (did you mean street.mp4?)" in only_error(lines)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("steet.mp4", "did you mean street.mp4?"),
        ("dmeo", "there is no file or folder dmeo (check the path"),
        ("broken.mp4", "broken.mp4"),
        ("/dev/video77", "there is no camera /dev/video77"),
        ("rstp://me:word@cam/1", "rstp://***@cam/1 is of a kind that cannot be read here (use rtsp://"),
        ("rtsp:///stream", "names no host (write it as rtsp://HOST/PATH)"),
    ],
)
def test_what_viewers_could_never_choose_is_told_at_the_start(capfd, tmp_path, monkeypatch, spec, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "street.mp4").write_bytes(b"x")
    (tmp_path / "broken.mp4").write_bytes(b"this is no video " * 100)
    words = ["--input", "demo", "--webrtc", "--port", "0", "--frames", "1", "--switch-to", "demo"]
    status, lines = run(capfd, *words, "--switch-to", spec)
    assert says in only_error(lines)
    assert "word" not in lines[0]
    assert status == 1


def missing(folder):
    return folder / "nothing.mp4"


def empty(folder):
    (folder / "empty.mp4").write_bytes(b"")
    return folder / "empty.mp4"


def text(folder):
    (folder / "text.mp4").write_text("This is not a video.\n" * 100)
    return folder / "text.mp4"


def cut_before_its_index(folder):
    whole = clip(folder / "whole.mp4", frames=50).read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: whole.index(b"moov") - 8])
    (folder / "whole.mp4").unlink()
    return folder / "cut.mp4"


def audio_only(folder):
    return clip(folder / "sound.mp4", audio_only=True)


def zero_size_image(folder):
    (folder / "photo.jpg").write_bytes(b"")
    return folder / "photo.jpg"


def empty_folder(folder):
    (folder / "photos").mkdir()
    return folder / "photos"


def glob_without_a_match(folder):
    return folder / "*.png"


def refused_address(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"rtsp://user:secret@127.0.0.1:{port}/stream"


BAD_INPUTS = [
    missing,
    empty,
    text,
    cut_before_its_index,
    audio_only,
    zero_size_image,
    empty_folder,
    glob_without_a_match,
    refused_address,
]


@pytest.mark.parametrize("make", BAD_INPUTS, ids=lambda make: make.__name__)
def test_a_bad_input_exits_1_with_one_line_and_writes_nothing(capfd, tmp_path, make):
    given = make(tmp_path)
    before = sorted(tmp_path.iterdir())
    output = tmp_path / ("out.png" if str(given).endswith(("jpg", "png")) else "out.mp4")
    status, lines = run(capfd, "--input", given, "--output", output, *KNOWN_NETWORK)
    assert "secret" not in only_error(lines)
    assert status == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for /dev/video*")
def test_a_camera_that_is_not_there_exits_1(capfd, tmp_path):
    status, lines = run(capfd, "--camera", "97", "--output", tmp_path / "out.mp4", *KNOWN_NETWORK)
    assert "97" in only_error(lines)
    assert status == 1
    assert list(tmp_path.iterdir()) == []


def test_a_missing_output_folder_is_not_created(capfd, tmp_path):
    given = clip(tmp_path / "in.mp4")
    status, lines = run(capfd, "--input", given, "--output", tmp_path / "no" / "out.mp4", *KNOWN_NETWORK)
    assert "no" in only_error(lines)
    assert status == 1
    assert not (tmp_path / "no").exists()


def test_a_report_that_could_not_be_written_is_refused_before_the_work(capfd, tmp_path):
    given = clip(tmp_path / "in.mp4")
    words = (
        "--input",
        given,
        "--output",
        tmp_path / "out.mp4",
        "--report",
        tmp_path / "no" / "r.json",
        *KNOWN_NETWORK,
    )
    status, lines = run(capfd, *words)
    assert "r.json" in only_error(lines)
    assert status == 1
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(
    ("name", "options"), [("a.mp4", {"movflags": "frag_keyframe+empty_moov"}), ("a.mkv", {}), ("a.ts", {})]
)
def test_a_recording_cut_short_renders_what_is_there_and_warns(capfd, tmp_path, name, options):
    whole = clip(tmp_path / name, frames=100, **options)
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) * 6 // 10])
    made = tmp_path / "depth.mp4"
    status, lines = run(capfd, "--input", whole, "--output", made, *KNOWN_NETWORK)
    assert status == 0
    assert any("warning" in line and "cut short" in line for line in lines)
    with av.open(str(made)) as container:
        assert 5 < len(list(container.decode(video=0))) < 100


def test_an_output_that_is_the_input_is_refused_and_left_alone(capfd, tmp_path):
    given = clip(tmp_path / "in.mp4")
    before = given.read_bytes()
    (tmp_path / "link.mp4").symlink_to(given)
    for output in (given, tmp_path / "link.mp4"):
        status, lines = run(capfd, "--input", given, "--output", output, *KNOWN_NETWORK)
        assert "input" in only_error(lines)
        assert status in (1, 2)
    assert given.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not weights at all", b"PK\x03\x04" + bytes(100)])
def test_wrong_weights_exit_1_with_one_line(capfd, tmp_path, content):
    weights = tmp_path / "weights.pt"
    weights.write_bytes(content)
    given = clip(tmp_path / "in.mp4")
    status, lines = run(capfd, "--input", given, "--output", tmp_path / "out.mp4", "--model", weights)
    assert "weights.pt" in only_error(lines)
    assert status == 1
    assert not (tmp_path / "out.mp4").exists()


def test_a_weights_file_that_is_not_there_exits_1(capfd, tmp_path):
    given = clip(tmp_path / "in.mp4")
    status, lines = run(capfd, "--input", given, "--output", tmp_path / "o.mp4", "--model", tmp_path / "w.pt")
    assert "w.pt" in only_error(lines)
    assert status == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays elsewhere need no variable")
@pytest.mark.parametrize("environ", [{}, {"DISPLAY": ":987"}, {"WAYLAND_DISPLAY": "no-such-socket"}])
def test_no_display_is_one_line_and_no_abort(tmp_path, environ):
    done = subprocess.run(
        [sys.executable, "-m", "streamdepth", "--input", "demo", *KNOWN_NETWORK],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin", "HOME": str(tmp_path), **environ},
        check=False,
    )
    assert "--output" in only_error(done.stderr.strip().splitlines())
    assert done.returncode == 1
    assert done.stdout == ""


def test_help_names_every_option_of_the_design_that_exists_and_fits_a_terminal(capfd):
    assert _exit_status(["--help"]) == 0
    text = capfd.readouterr().out
    for option in (
        "--camera", "--input", "--window", "--output", "--depth-output", "--model", "--engine", "--precision",
        "--size", "--threads", "--layout", "--alpha", "--colormap", "--invert", "--range", "--max-fps", "--duration",
        "--frames", "--report", "--config", "--list-cameras",
    ):  # fmt: skip
        assert option in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_the_list_of_cameras_goes_to_standard_output_and_none_is_no_failure(capfd, monkeypatch):
    from streamdepth.sources.camera import listing as camera_list

    monkeypatch.setattr(camera_list, "list_cameras", list)
    assert _exit_status(["--list-cameras"]) == 0
    assert capfd.readouterr() == ("no camera is connected to this machine\n", "")
    monkeypatch.setattr(camera_list, "list_cameras", lambda: [camera_list.Camera(2, "C920")])
    assert _exit_status(["--list-cameras"]) == 0
    assert capfd.readouterr().out == "2  C920\n"


def test_version_is_printed(capfd):
    import streamdepth

    assert _exit_status(["--version"]) == 0
    assert capfd.readouterr().out.strip() == streamdepth.__version__


def test_options_come_from_a_file_and_the_command_line_wins(capfd, tmp_path):
    photo, config, report = tmp_path / "a.png", tmp_path / "depth.toml", tmp_path / "r.json"
    cv2.imwrite(str(photo), np.full((60, 80, 3), 90, np.uint8))
    config.write_text(f'output = "{tmp_path / "from_file.png"}"\nlayout = "side-by-side"\nmodel = "nano"\n')
    assert run(capfd, "--config", config, "--input", photo)[0] == 0
    assert cv2.imread(str(tmp_path / "from_file.png")).shape == (60, 160, 3)
    words = ["--config", config, "--input", photo, "--layout", "depth", "--report", report]
    assert run(capfd, *words)[0] == 0
    assert cv2.imread(str(tmp_path / "from_file.png")).shape == (60, 80, 3)
    assert report.exists()


def test_an_unknown_key_in_the_file_is_wrong_usage(capfd, tmp_path):
    config = tmp_path / "depth.toml"
    config.write_text('colourmap = "viridis"\n')
    status, lines = run(capfd, "--config", config, "--input", "demo", "--output", tmp_path / "x.mp4")
    assert "colourmap" in only_error(lines)
    assert status == 2
