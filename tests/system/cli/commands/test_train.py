"""`streamdepth train`: what is said, exit statuses, and runs that are ended from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from places import REPOSITORY
from safetensors.torch import load_file

from streamdepth.cli.app import _exit_status
from streamdepth.models.networks.nano import NanoConfig, StageConfig, build_nano
from streamdepth.models.networks.nano_files import NanoCard, write_weights

SMALL = NanoConfig(stem=4, stages=(StageConfig(8, 1, 3),) * 4, decoder=(8, 8, 4, 4))
HELD = """
import sys
from streamdepth.cli.app import main
from streamdepth.cli.commands.train import _Display

def hold(display, progress, total):
    if progress.step == 7:
        print("held", flush=True)
        sys.stdin.read()

_Display.stepped = hold
main(sys.argv[1:])
"""
"""The command, which stands still at its seventh step."""
COMMAND = (sys.executable, "-c", HELD, "train", "pictures", "--model", "start.safetensors")
OPTIONS = ("--size", "64x64", "--batch", "2", "--validation", "0.25", "--device", "cpu")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with eight pictures and the weights of a very small network."""
    monkeypatch.chdir(tmp_path)
    Path("pictures").mkdir()
    rng = np.random.default_rng(0)
    for index in range(8):
        level = np.kron(rng.random((4, 4)), np.ones((16, 16)))
        cv2.imwrite(f"pictures/{index}.png", np.repeat((level * 255).astype(np.uint8)[:, :, None], 3, 2))
        cv2.imwrite(f"pictures/{index}_depth.png", (1000 / (0.2 + level)).astype(np.uint16))
    torch.manual_seed(0)
    write_weights(build_nano(SMALL), NanoCard(0, ""), Path("start.safetensors"))
    return tmp_path


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def train(*words):
    return _exit_status(["train", "pictures", "--model", "start.safetensors", *OPTIONS, *map(str, words)])


def started(*words):
    """A run in a process of its own, on one thread."""
    return subprocess.Popen(
        [*COMMAND, *OPTIONS, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)},
    )


def same_weights(first, second):
    one, other = load_file(first), load_file(second)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_run_says_how_it_gets_on_and_what_came_of_it(folder, capfd, one_thread):
    assert train("--steps", "4", "--validate-every", "2", "--output", "mine.safetensors") == 0
    said = capfd.readouterr()
    assert "step 0 of 4: held-out pictures: delta < 1.25 0." in said.err
    assert "step 4 of 4: held-out pictures: " in said.err
    assert said.out.startswith("mine.safetensors: ")
    assert said.out.count("\n") == 1
    assert Path("mine.safetensors").is_file()
    assert {"checkpoint.pt", "log.csv", "curve.png"} <= {path.name for path in Path("mine-run").iterdir()}


def test_a_killed_run_goes_on_from_its_checkpoint_and_ends_as_if_nothing_had_been(folder, one_thread):
    steps = ("--steps", "12", "--validate-every", "4")
    with started(*steps, "--checkpoint-minutes", "0", "--output", "killed.safetensors") as run:
        assert run.stdout.readline() == "held\n", run.stderr.read()
        run.kill()
    assert run.returncode == -signal.SIGKILL
    assert torch.load("killed-run/checkpoint.pt", weights_only=True)["steps"] == 6
    assert train(*steps, "--output", "killed.safetensors", "--resume") == 0
    assert train(*steps, "--output", "whole.safetensors") == 0
    assert same_weights("killed.safetensors", "whole.safetensors")
    assert Path("killed-run/log.csv").read_text() == Path("whole-run/log.csv").read_text()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_told_to_stop_leaves_a_checkpoint(
    folder, capfd, monkeypatch, one_thread, number, status
):
    def stepped(display, progress, total):
        if progress.step == 3:
            signal.raise_signal(number)

    monkeypatch.setattr("streamdepth.cli.commands.train._Display.stepped", stepped)
    before = signal.getsignal(number)
    assert train("--steps", "100000", "--validate-every", "2", "--output", "told.safetensors") == status
    assert signal.getsignal(number) is before
    assert "--resume continues" in capfd.readouterr().err
    assert torch.load("told-run/checkpoint.pt", weights_only=True)["steps"] == 3


def test_a_run_that_is_told_to_stop_while_it_reads_pictures_stops_at_once(folder, monkeypatch):
    def examined(display, done, total):
        assert done == 1
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("streamdepth.cli.commands.train._Display.examined", examined)
    assert train("--steps", "100000") == 130
    assert not Path("weights-run").exists()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--size", "100x64"), 2, "multiples of 32"),
        (("--steps", "3", "--epochs", "3"), 2, "exclude each other"),
        (("--split", "held.txt", "--validation", "0.2"), 2, "exclude each other"),
        (("--validation", "0"), 2, "not a share"),
        (("--loss", "l2"), 2, "ssi"),
        (("--output", "mine.pt"), 2, ".safetensors"),
        (("--output", "gone/mine.safetensors"), 1, "there is no folder gone"),
        (("--resume",), 1, "no checkpoint"),
        (("--depth-scale", "-1"), 2, "depth scale"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(folder, capfd, words, status, said):
    assert _exit_status(["train", "pictures", "--model", "start.safetensors", *words]) == status
    error = capfd.readouterr().err
    assert error.count("\n") == 1
    assert said in error
    assert not Path("weights-run").exists()


def test_a_folder_without_pairs_is_refused(folder, capfd):
    Path("empty").mkdir()
    assert _exit_status(["train", "empty"]) == 1
    assert "no pairs" in capfd.readouterr().err


def test_an_unknown_model_is_refused_before_the_pictures_are_read(folder, capfd):
    assert _exit_status(["train", "pictures", "--model", "no-such-network"]) == 2
    assert _exit_status(["train", "pictures", "--model", "gone.safetensors"]) == 1
    assert "gone.safetensors" in capfd.readouterr().err


def test_weights_of_another_network_are_refused(folder, capfd):
    torch.save({"weight": torch.zeros(3)}, "other.pt")
    assert _exit_status(["train", "pictures", "--model", "other.pt"]) == 1
    assert "other.pt does not hold the weights of midas-small" in capfd.readouterr().err


def test_depth_that_is_zero_everywhere_is_refused_and_named(folder, capfd):
    for index in range(8):
        cv2.imwrite(f"pictures/{index}_depth.png", np.zeros((64, 64), np.uint16))
    assert train("--steps", "1") == 1
    error = capfd.readouterr().err
    assert error.count("has no reading") >= 6
    assert "8 of 8 pairs cannot be used" in error.splitlines()[-1]


def test_help_names_every_option_and_loads_no_torch(folder):
    code = (
        "import contextlib, sys\n"
        "from streamdepth.cli.app import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main(['train', '--help'])\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    for word in ("--layout", "--split", "--freeze-encoder", "--checkpoint-minutes", "--resume", "--folder"):
        assert word in done.stdout
