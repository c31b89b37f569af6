"""`streamdepth bench`: each candidate in a process of its own, and a clip stage by stage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import av
import numpy as np
import pytest

from streamdepth.cli.app import _exit_status
from streamdepth.cli.commands import bench_candidate, bench_networks
from streamdepth.cli.commands.bench_candidate import Measured, Task, measure_apart
from streamdepth.cli.commands.bench_clip import ClipBench, Cost, RunFigures, idle_seconds
from streamdepth.cli.commands.bench_networks import candidates, least_disturbed, measure_all
from streamdepth.engine import EngineOptions
from streamdepth.engine.backend import Backend
from streamdepth.engine.runtimes.registry import BACKENDS, find_backend, runners
from streamdepth.errors import ModelError
from streamdepth.models.export.formats import NetworkFormat

OPTIONS = EngineOptions("nano", size=64, threads=1)
TASK = Task(OPTIONS, seconds=0.01)
PICTURES = np.random.default_rng(0).integers(0, 255, (2, 90, 160, 3), np.uint8)


def run(capfd, *words):
    status = _exit_status(["bench", *map(str, words)])
    return status, capfd.readouterr()


def in_fp32(runtime):
    return replace(TASK, options=replace(OPTIONS, runtime=runtime, precision="fp32"))


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "street.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for number in range(30):
            image = np.roll(PICTURES[0], number, axis=1)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_the_table_and_the_file_tell_of_each_candidate(capfd, tmp_path):
    where = tmp_path / "bench.json"
    words = ("--model", "nano", "--engine", "onnxruntime", "--size", 64, "--threads", 2)
    status, said = run(capfd, *words, "--seconds", 0.01, "--rounds", 1, "--frames", 3, "--json", where)
    assert status == 0
    assert "warning: --frames has no effect here: it is for a clip, as --input" in said.err
    heading, row = said.out.splitlines()[1:3]
    assert heading.split()[:3] == ["runtime", "precision", "ms"]
    assert row.split()[:2] == ["onnxruntime", "fp32"]
    report = json.loads(where.read_text())
    assert (report["threads"], report["input"]) == (2, [64, 32])
    first = report["rows"][0]
    assert first["ms"]["p95"] >= first["ms"]["p50"] > 0
    assert first["fps"] > 0
    assert first["at_once"] == 2
    assert first["start_s"] > 0
    assert 30 < first["rss_mb"] < 5000
    assert first["agreement"] is None


def test_rows_are_compared_with_the_first_in_fp32():
    tasks = [in_fp32("onnxruntime"), in_fp32("openvino")]
    rows = measure_all(tasks, 1, lambda _line: None, PICTURES)
    assert rows[0].agreement is None
    assert rows[1].agreement.share == 1.0
    assert rows[1].agreement.frames == len(PICTURES)


def test_what_does_not_run_is_told_beside_what_does(capfd, tmp_path):
    broken = tmp_path / "net.onnx"
    broken.write_bytes(b"not a network")
    status, said = run(capfd, "--model", broken, "--engine", "onnxruntime", "--seconds", 0.01)
    assert status == 1
    assert "nothing runs here: ONNX Runtime cannot load" in said.err

    tasks = [in_fp32("onnxruntime"), Task(replace(in_fp32("onnxruntime").options, model=str(broken)), 0.01)]
    rows = measure_all(tasks, 2, lambda _line: None, PICTURES)
    assert rows[0].measured is not None
    assert rows[1].measured is None
    assert "ONNX Runtime cannot load" in rows[1].failure


def test_a_process_that_dies_or_hangs_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(bench_candidate.sys, "executable", "false")
    assert measure_apart(TASK, PICTURES, tmp_path) == "its process ended with status 1"
    sleeper = tmp_path / "sleeper"
    sleeper.write_text("#!/bin/sh\nexec sleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr(bench_candidate.sys, "executable", str(sleeper))
    monkeypatch.setattr(bench_candidate, "PATIENCE", 0.2)
    assert measure_apart(TASK, PICTURES, tmp_path) == "it did not end within 0.2 s"


def test_a_normalisation_of_a_model_that_says_its_own_is_wrong_usage(capfd):
    status, said = run(capfd, "--model", "nano", "--normalisation", "half")
    assert status == 2
    assert "the normalisation of nano is fixed" in said.err


def test_the_runtimes_take_turns(monkeypatch):
    order = []

    def measured(task, _pictures, _folder):
        order.append(task.way[0])
        return Measured(0.01, 0.02, 50.0, 2, 1.0, 100.0, (64, 32)), np.ones((2, 32, 64), np.float32)

    monkeypatch.setattr(bench_networks, "measure_apart", measured)
    measure_all([in_fp32("torch"), in_fp32("openvino")], 3, lambda _line: None, PICTURES)
    assert order == ["torch", "openvino"] * 3


def test_the_least_disturbed_process_counts_and_the_shortest_start():
    slow = Measured(0.03, 0.09, 20.0, 2, 0.5, 100.0, (64, 32))
    quick = Measured(0.02, 0.04, 10.0, 2, 9.0, 120.0, (64, 32))
    assert least_disturbed([slow, quick]) == Measured(0.02, 0.04, 20.0, 2, 0.5, 120.0, (64, 32))


@pytest.mark.parametrize(
    ("ran", "reference"),
    [(("openvino", "onnxruntime"), "onnxruntime"), (("openvino", "onnxruntime", "torch"), "torch")],
)
def test_the_reference_is_who_does_what_the_network_says(ran, reference, monkeypatch):
    def measured(task, pictures, folder):
        depth = np.arange(12, dtype=np.float32).reshape(1, 3, 4)
        figures = Measured(1.0, 1.0, 1.0, 1, 1.0, 1, (4, 3))
        return figures, depth[:, :, ::-1] if task.way[0] == "openvino" else depth

    monkeypatch.setattr(bench_networks, "measure_apart", measured)
    rows = measure_all([in_fp32(name) for name in ran], 1, lambda _line: None, PICTURES)
    agreements = {row.runtime: row.agreement for row in rows}
    assert agreements[reference] is None
    assert agreements["openvino"].share < 0.5
    if reference == "torch":
        assert agreements["onnxruntime"].share == 1.0


def test_a_network_of_others_is_always_compared_with_the_reference(monkeypatch):
    monkeypatch.setattr(Backend, "computes", lambda _backend, precision: precision == "fp32")
    wanted = in_fp32("openvino")
    tasks = candidates(wanted, runners(NetworkFormat.ONNX), "onnxruntime")
    assert [task.way[0] for task in tasks] == ["onnxruntime", "openvino"]


def test_candidates_are_all_that_auto_may_stand_for_and_one_in_fp32(monkeypatch):
    monkeypatch.setattr(Backend, "computes", lambda _backend, _precision: True)
    pairs = [task.way for task in candidates(TASK, BACKENDS)]
    assert pairs == [(backend.name, known) for backend in BACKENDS for known in backend.precisions]
    only = replace(TASK, options=replace(OPTIONS, runtime="openvino", precision="bf16"))
    pairs = [task.way for task in candidates(only, BACKENDS)]
    assert pairs == [("openvino", "fp32"), ("openvino", "bf16")]
    assert {task.way[0] for task in candidates(TASK, (find_backend("onnxruntime"),))} == {"onnxruntime"}


def test_no_runtime_at_all_is_an_error():
    with pytest.raises(ModelError, match="nothing runs here"):
        measure_all([], 1, lambda _line: None, PICTURES)


def test_a_clip_is_measured_stage_by_stage_and_as_a_whole(capfd, clip, tmp_path):
    where = tmp_path / "clip.json"
    words = ("--model", "nano", "--size", 64, "--rounds", 1, "--seconds", 2, "--json", where)
    status, said = run(capfd, "--input", clip, *words)
    assert status == 0
    assert "warning: --seconds has no effect here: it is for the runtimes, without --input" in said.err
    assert [line.split()[0] for line in said.out.splitlines()[2:8]] == [
        "decode",
        "prepare",
        "inference",
        "render",
        "encode",
        "all",
    ]
    report = json.loads(where.read_text())
    assert report["frames"] == 30
    assert report["fps"] > 0
    assert all(cost >= 0 for cost in report["stages_core_ms"].values())
    assert list(tmp_path.glob("*.mp4")) == [clip]


def test_figures_are_kept_where_nobody_reads_the_table(clip, tmp_path):
    where = tmp_path / "bench.json"
    command = [sys.executable, "-m", "streamdepth", "bench", "--input", clip, "--rounds", 1, "--json", where]
    words = ["--model", "nano", "--engine", "onnxruntime", "--precision", "fp32", "--size", 64]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*map(str, command + words)], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(where.read_text())["model"] == "nano"


@pytest.mark.parametrize("words", [("no.mp4",), ("rtsp://127.0.0.1:9/none",)])
def test_a_clip_that_is_not_there_is_an_error(capfd, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, said = run(capfd, "--input", *words, "--model", "nano")
    assert status == 1
    assert said.err.startswith("streamdepth: error:")


def bench_of(decode, draw, left=2.0):
    costs = (Cost("decode", *decode), Cost("inference", 10.0, 0.0), Cost("render", *draw))
    return ClipBench(costs, 2, RunFigures(100, 90.0, 1.8, left))


def test_the_bound_is_the_cores_or_the_busiest_single_thread():
    free = bench_of((2.0, 2.0), (4.0, 4.0))
    assert (free.bound, free.bounded_by) == (2000 / 16, "2 cores")
    assert free.share == pytest.approx(90 / 125)
    drawing = bench_of((1.0, 1.0), (12.0, 12.0))
    assert (drawing.bound, drawing.bounded_by) == (1000 / 12, "the thread that draws and encodes")
    reading = bench_of((20.0, 20.0), (4.0, 4.0))
    assert reading.bounded_by == "the thread that decodes"
    busy = bench_of((2.0, 2.0), (4.0, 4.0), left=1.5)
    assert (busy.bound, busy.bounded_by) == (1500 / 16, "the 1.50 cores that were free")


def test_idle_time_is_that_of_the_cpus_named(tmp_path):
    table = tmp_path / "stat"
    table.write_text("cpu 9 9 9 900 99 9\ncpu0 1 1 1 400 50 1\ncpu1 1 1 1 300 20 1\nintr 5\n")
    assert idle_seconds([0], table) == 4.5
    assert idle_seconds([0, 1], table) == 7.7
    assert idle_seconds([0], tmp_path / "none") is None


def test_idle_time_of_this_machine_does_not_run_backwards():
    seen = [idle_seconds([0]) for _ in range(3)]
    if seen[0] is None:
        pytest.skip("this platform does not tell")
    assert all(a <= b for a, b in pairwise(seen))
