"""Signals against real processes whose sink hangs where no Python runs, or takes its time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from engine_loading import KNOWN_NETWORK
from processor_waits import Promise

from streamdepth.cli.signals import handled_signals

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a child cannot be sent these signals there")

BOUND = 60.0
AT_ONCE = 5.0
CAP = 100.0
"""More than any end is waited for here: what ends before was not cut off."""

PROGRAM = """
import ctypes, sys, time
import streamdepth.sinks
from streamdepth.cli import signals
from streamdepth.cli.app import main

signals.HARD_CAP, signals._LAST_WORDS, signals._LOOK_EVERY = {cap}, {last_words}, {look_every}
take = signals._Watch._take

def hear(watch, number):
    take(watch, number)
    print("heard", flush=True)

signals._Watch._take = hear

def hang():
    # No signal interrupts the wait for a mutex, and no Python runs in this thread meanwhile.
    lock = ctypes.CDLL(None).pthread_mutex_lock
    mutex = ctypes.create_string_buffer(256)
    lock(mutex)
    print("busy", flush=True)
    lock(mutex)

def write_much():
    print("busy", flush=True)
    with open("big", "wb") as file:
        for _ in range(30):
            file.write(bytes(1_000_000))
            time.sleep(0.1)

class Sink:
    def write(self, rendered):
        {in_write}
    def close(self, *, complete=True):
        print("busy", flush=True)
        {in_close}

streamdepth.sinks.open_sink = lambda path, source, **_more: Sink()
main(["--input", "demo", "--camera-size", "64x48", "--output", "x.mp4", "--report", "r.json", *{network}])
"""


@pytest.fixture
def start(tmp_path):
    processes = []

    def begin(
        *, in_write="print('busy', flush=True)", in_close="pass", cap=CAP, last_words=1.0, look_every=0.5
    ):
        code = PROGRAM.format(
            in_write=in_write,
            in_close=in_close,
            cap=cap,
            last_words=last_words,
            look_every=look_every,
            network=KNOWN_NETWORK,
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout.readline() == "busy\n"
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def at_once(process):
    """What it says of its end, which is soon."""
    Promise(AT_ONCE, process.pid).await_until(lambda: process.poll() is not None)
    return process.communicate(timeout=BOUND)[1]


@pytest.mark.parametrize("place", ["in_write", "in_close"])
def test_a_run_whose_sink_hangs_is_cut_off_says_so_and_leaves_its_report(start, tmp_path, place):
    process = start(cap=32.0, last_words=30.0, **{place: "hang()"})
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=BOUND)
    assert process.returncode == 1
    assert "did not end within 32 s after SIGTERM" in said
    assert json.loads((tmp_path / "r.json").read_text())["frames"]["captured"] > 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_second_signal_ends_a_run_at_once_whatever_hangs(start, number, status):
    process = start(in_write="hang()")
    process.send_signal(number)
    assert process.stdout.readline() == "heard\n"  # two of a kind that wait are one
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process.send_signal(number)
    said = at_once(process)
    assert process.returncode == status
    assert "ended at once by a second signal: what was being written is left unfinished" in said


def test_two_signals_in_one_moment_say_what_is_left(start):
    """Both are there before the run can say anything about the first."""
    process = start(in_write="hang()")
    process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    said = at_once(process)
    assert process.returncode in {130, 143}  # the system chooses which comes first
    assert said.count("is left unfinished, under names such as depth.part.mp4") == 1


@pytest.mark.parametrize(("jobs", "is_said"), [([], False), (["--jobs", "jobs"], True)])
def test_a_service_speaks_of_films_only_where_it_takes_them(tmp_path, jobs, is_said):
    serve = [sys.executable, "-m", "streamdepth", "serve", "--port", "0", *KNOWN_NETWORK, *jobs]
    with subprocess.Popen(serve, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        try:
            while "ready" not in process.stderr.readline():
                assert process.poll() is None
            for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
                process.send_signal(number)
            _, said = process.communicate(timeout=BOUND)
        finally:
            process.kill()
    assert process.returncode in {130, 143}
    assert "ended at once by a second signal" in said
    assert ("depth.part.mp4" in said) is is_said


def test_a_run_that_still_writes_a_large_file_is_not_cut_off(start, tmp_path):
    process = start(cap=1.5, look_every=1.0, in_close="write_much()")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=BOUND)
    assert (process.returncode, (tmp_path / "big").stat().st_size) == (143, 30_000_000)
    assert "cut off" not in said


def test_a_run_that_ends_in_time_has_its_usual_status(start):
    process = start()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=BOUND)
    assert process.returncode == 130
    assert "cut off" not in said


class Run:
    def stop(self):
        return True


@pytest.fixture
def hang_up_handler():
    """As in a terminal, though these tests may run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_that_a_terminal_closed_is_heard_once_however_often_it_is_told(hang_up_handler):
    """A second signal ends the process; this one comes from the system, from the shell, and again from the system."""
    with handled_signals(Run(), lambda: None, leaves_parts=False) as received:
        for _ in range(3):
            signal.raise_signal(signal.SIGHUP)
    assert received == [signal.SIGHUP]


def test_that_a_terminal_closed_is_no_matter_under_nohup(hang_up_handler):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with handled_signals(Run(), lambda: None, leaves_parts=False) as received:
        signal.raise_signal(signal.SIGHUP)
    assert (received, signal.getsignal(signal.SIGHUP)) == ([], signal.SIG_IGN)


def test_a_run_outlives_the_terminal_to_which_it_writes(tmp_path, hang_up_handler):
    master, terminal = os.openpty()
    words = ("--input", "demo", "--camera-size", "64x48", "--live", *KNOWN_NETWORK, "--output", "x.mp4")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamdepth", *words], cwd=tmp_path, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    try:
        while b"frames/s" not in os.read(master, 10_000):
            pass
        os.close(master)  # nobody tells it: this is not the terminal that controls it
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.0)
        process.send_signal(signal.SIGHUP)
        assert process.wait(BOUND) == 129
    finally:
        process.kill()
        process.wait()
    assert (tmp_path / "x.mp4").stat().st_size > 0
