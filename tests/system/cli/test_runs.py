"""Whole runs of the command line on real and made input, with the bundled network."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise

import av
import cv2
import numpy as np
import pytest
from places import SHARED
from processor_waits import ProcessorWaits

from streamdepth.cli.app import _exit_status
from streamdepth.sources.demo.source import DemoScene

MEDIA = SHARED / "media"
CLIPS = ["bikes", "carphone", "bigbuckbunny", "rollercoaster"]
BOUND = 60.0
SMALL = ("--size", "64")
"""For what no depth is looked at."""

needs_media = pytest.mark.skipif(not MEDIA.is_dir(), reason="the real clips are not beside the project")


def streamdepth(*words):
    return _exit_status([str(word) for word in (*words, "--model", "nano")])


def start(*words):
    command = [sys.executable, "-m", "streamdepth", *map(str, words), "--model", "nano"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def wait_until(condition):
    deadline = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def timestamps(path):
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def pictures_of(torn):
    """How many a player shows of a file whose last one may lack its end."""
    count = 0
    with av.open(str(torn)) as container, suppress(av.error.InvalidDataError):
        for _ in container.decode(video=0):
            count += 1
    return count


def adds_up(report):
    frames = report["frames"]
    return frames["captured"] == frames["dropped"] + frames["inferred"]


@needs_media
@pytest.mark.parametrize("clip", CLIPS)
def test_a_real_clip_keeps_every_frame_size_timestamp_and_sound(tmp_path, clip):
    given, made, figures = MEDIA / f"{clip}.mp4", tmp_path / "depth.mp4", tmp_path / "r.json"
    assert streamdepth("--input", given, "--output", made, "--report", figures, *SMALL) == 0
    assert timestamps(made) == timestamps(given)
    with av.open(str(given)) as a, av.open(str(made)) as b:
        before, after = a.streams.video[0], b.streams.video[0]
        assert after.codec_context.name == "h264"
        assert (after.width, after.height) == (before.width, before.height)
        assert after.average_rate == before.average_rate
        assert after.frames == before.frames
        assert len(a.streams.audio) == len(b.streams.audio)
    report = json.loads(figures.read_text())
    count = report["frames"]["captured"]
    assert report["frames"] == dict.fromkeys(("captured", "inferred", "rendered", "written"), count) | {
        "dropped": 0,
        "dropped_by": {},
        "reused": report["frames"]["reused"],
        "interpolated": 0,
    }
    assert count == len(timestamps(given))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["depth.mp4", "r.json"]


def test_the_report_has_every_key_of_its_contract(tmp_path):
    figures = tmp_path / "r.json"
    words = (
        "--input",
        "demo",
        "--camera-size",
        "320x180",
        "--duration",
        "0.5",
        "--output",
        tmp_path / "d.mp4",
    )
    way = ("--engine", "openvino", "--precision", "fp32")
    assert streamdepth(*words, *way, "--report", figures) == 0
    report = json.loads(figures.read_text())
    assert report["source"] == {"kind": "demo", "width": 320, "height": 180, "rate": "30/1", "live": False}
    assert report["model"]["name"] == "nano"
    assert len(report["model"]["sha256"]) == 64
    assert report["model"]["input"] == [256, 128]
    assert (report["engine"], report["precision"]) == ("openvino", "fp32")
    assert report["frames"]["written"] == 15
    assert set(report["stages_ms"]) == {"capture", "inference", "render", "sink"}
    assert all(set(times) == {"p50", "p95"} for times in report["stages_ms"].values())
    assert report["latency_ms"]["p95"] >= report["latency_ms"]["p50"] > 0
    assert report["fps"] == pytest.approx(15 / report["seconds"], rel=0.05)
    assert report["peak_rss_mb"] > 50


def test_the_demo_renders_ten_seconds_when_it_goes_to_a_file(tmp_path):
    words = ("--input", "demo", "--camera-size", "160x90", "--output", tmp_path / "depth.mp4")
    assert streamdepth(*words, *SMALL) == 0
    assert timestamps(tmp_path / "depth.mp4") == [Fraction(n, 30) for n in range(300)]


def test_a_live_run_drops_counts_and_records_as_long_as_the_clock(tmp_path):
    figures, made = tmp_path / "r.json", tmp_path / "live.mp4"
    words = (
        "--input",
        "demo",
        "--live",
        "--duration",
        "2",
        "--size",
        "512",
        "--output",
        made,
        "--report",
        figures,
    )
    waits = ProcessorWaits(os.getpid())
    assert streamdepth(*words) == 0
    waited = waits.since_last()
    report = json.loads(figures.read_text())
    assert report["source"]["live"] is True
    assert adds_up(report)
    assert report["frames"]["captured"] > report["frames"]["written"] > 0 or report["frames"]["dropped"] == 0
    shown = timestamps(made)
    assert 1.5 - waited < shown[-1] - shown[0] < 2.1


@needs_media
def test_max_fps_duration_and_frames_limit_what_is_written(tmp_path):
    made = tmp_path / "depth.mp4"
    words = ("--input", MEDIA / "carphone.mp4", "--output", made, *SMALL)
    assert streamdepth(*words, "--max-fps", "10", "--duration", "2") == 0
    assert len(timestamps(made)) == 20
    assert streamdepth(*words, "--frames", "7") == 0
    assert timestamps(made) == timestamps(MEDIA / "carphone.mp4")[:7]


@needs_media
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_file_with_a_playable_part_a_report_and_its_exit_status(tmp_path, number, status):
    part, figures = tmp_path / "depth.part.mp4", tmp_path / "r.json"
    words = ("--input", MEDIA / "bigbuckbunny.mp4", "--size", "640", "--output", tmp_path / "depth.mp4")
    process = start(*words, "--report", figures)
    wait_until(lambda: part.exists() and part.stat().st_size > 0)
    process.send_signal(number)
    _, complaints = process.communicate(timeout=BOUND)
    assert process.returncode == status
    assert "depth.part.mp4" in complaints
    assert "Traceback" not in complaints
    assert not (tmp_path / "depth.mp4").exists()
    assert 0 < len(timestamps(part)) < 132
    assert adds_up(json.loads(figures.read_text()))


def test_a_signal_ends_a_live_recording_under_its_own_name(tmp_path):
    made = tmp_path / "live.mp4"
    process = start("--input", "demo", "--camera-size", "320x180", "--live", "--output", made)
    wait_until(lambda: made.exists() and made.stat().st_size > 10_000)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=BOUND)
    assert process.returncode == 130
    assert f"{len(timestamps(made))} frames in " in words
    assert len(timestamps(made)) > 1
    assert [p.name for p in tmp_path.iterdir()] == ["live.mp4"]


def test_a_failure_leaves_a_report_too(tmp_path, capfd):
    figures = tmp_path / "r.json"
    assert (
        streamdepth("--input", tmp_path / "no.mp4", "--output", tmp_path / "o.mp4", "--report", figures) == 1
    )
    assert json.loads(figures.read_text())["frames"]["captured"] == 0


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk"
)
def test_a_full_disk_is_waited_for_and_what_is_done_plays_when_that_is_ended(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], check=True, timeout=BOUND)
    try:
        size = ("--camera-size", "640x360", "--camera-fps", "30")
        process = start("--input", "demo", *size, "--output", disk / "depth.mp4")
        assert process.stderr is not None
        told = next(line for line in process.stderr if "is full" in line)
        assert "continues when there is room" in told
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=BOUND)
        assert process.returncode == 130
        assert "Traceback" not in complaints
        assert not (disk / "depth.mp4").exists()
        assert pictures_of(disk / "depth.part.mp4") > 1
    finally:
        subprocess.run(["umount", "-l", disk], check=True, timeout=BOUND)


def test_a_photo_becomes_a_heat_map_and_16_bit_depth(tmp_path):
    photo, heat, raw = tmp_path / "a.jpg", tmp_path / "heat.png", tmp_path / "raw.png"
    ramp = np.tile(np.linspace(40, 220, 120, dtype=np.uint8)[:, None, None], (1, 200, 3))
    cv2.imwrite(str(photo), ramp)
    words = ("--input", photo, "--output", heat, "--depth-output", raw, "--layout", "depth")
    assert streamdepth(*words) == 0
    assert cv2.imread(str(heat)).shape == (120, 200, 3)
    pixels = cv2.imread(str(raw), cv2.IMREAD_UNCHANGED)
    sidecar = json.loads((tmp_path / "raw.json").read_text())
    values = sidecar["offset"] + sidecar["scale"] * pixels.astype(np.float64)
    assert pixels.dtype == np.uint16
    assert values.max() > values.min()


def test_each_photo_of_a_folder_has_its_own_range(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    rng = np.random.default_rng(3)
    for n in range(3):  # alike enough not to be taken for another shot
        noise = cv2.resize(
            rng.integers(100, 150, (6, 8, 3), np.uint8), (160, 120), interpolation=cv2.INTER_CUBIC
        )
        cv2.imwrite(str(photos / f"{n}.png"), noise)
    words = ("--layout", "depth")
    assert streamdepth("--input", photos, "--output", tmp_path / "heat", *words) == 0
    for n in range(3):
        assert streamdepth("--input", photos / f"{n}.png", "--output", tmp_path / "alone.png", *words) == 0
        assert np.array_equal(
            cv2.imread(str(tmp_path / "alone.png")), cv2.imread(str(tmp_path / "heat" / f"{n}.png"))
        )


def test_a_folder_of_photos_becomes_a_folder(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for n, size in enumerate([(60, 80), (90, 40)]):
        cv2.imwrite(str(photos / f"p{n}.png"), np.full((*size, 3), 50 + n, np.uint8))
    (photos / "broken.png").write_bytes(b"no picture")
    assert streamdepth("--input", photos, "--output", tmp_path / "heat") == 0
    made = {p.name: cv2.imread(str(p)).shape[:2] for p in (tmp_path / "heat").iterdir()}
    assert made == {"p0.png": (60, 80), "p1.png": (90, 40)}


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_before_the_run_leaves_at_once(tmp_path, number, status):
    silent = socket.create_server(("127.0.0.1", 0))
    with silent:
        address = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/stream"
        process = start(
            "--input", address, "--output", tmp_path / "depth.mp4", "--report", tmp_path / "r.json"
        )
        silent.settimeout(BOUND)
        connection, _ = silent.accept()
        with connection:
            process.send_signal(number)
            _, complaints = process.communicate(timeout=BOUND)
    assert process.returncode == status
    assert "Traceback" not in complaints
    assert not (tmp_path / "depth.mp4").exists()


def flicker(path):
    """Mean change of luma from frame to frame."""
    with av.open(str(path)) as container:
        grey = [frame.to_ndarray(format="gray").astype(int) for frame in container.decode(video=0)]
    return np.mean([np.abs(b - a).mean() for a, b in pairwise(grey)])


def test_depth_of_a_still_picture_with_noise_holds_still_unless_told_not_to(tmp_path):
    given, random = tmp_path / "noisy.mp4", np.random.default_rng(0)
    picture = DemoScene(320, 180, Fraction(25), 1, still_camera=True).draw(0)
    with av.open(str(given), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(30):
            image = np.clip(picture + random.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    common = ("--input", given, "--layout", "depth")
    assert streamdepth(*common, "--output", tmp_path / "still.mp4") == 0
    assert streamdepth(*common, "--output", tmp_path / "raw.mp4", "--no-stabilise") == 0
    assert flicker(tmp_path / "still.mp4") < flicker(tmp_path / "raw.mp4") / 2


def test_raw_depth_is_the_same_whether_the_picture_is_stabilised_or_not(tmp_path):
    words = ("--input", "demo", "--frames", 3, "--depth-raw")
    for name, more in {"on": (), "off": ("--no-stabilise", "--refine", "--cut-beyond", "0.5")}.items():
        assert streamdepth(*words, "--depth-output", tmp_path / name, *more) == 0
    on, off = (
        {one.name: one.read_bytes() for one in (tmp_path / name).glob("*.png")} for name in ("on", "off")
    )
    assert len(on) == 3
    assert on == off


def test_a_live_run_that_interpolates_adds_up_and_reports_it(tmp_path):
    made, figures = tmp_path / "live.mp4", tmp_path / "r.json"
    words = ("--input", "demo", "--live", "--camera-size", "320x180", "--camera-fps", "60", "--duration", "2")
    slow = ("--size", "512", "--engine", "torch", "--threads", "1", "--interpolate")
    assert streamdepth(*words, *slow, "--output", made, "--report", figures) == 0
    report = json.loads(figures.read_text())
    assert adds_up(report)
    assert report["frames"]["interpolated"] > 0
    assert report["frames"]["written"] == report["frames"]["rendered"] == len(timestamps(made))
    assert timestamps(made) == sorted(set(timestamps(made)))
