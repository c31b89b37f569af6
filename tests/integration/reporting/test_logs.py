"""Log lines: the console and standard error are real."""

from __future__ import annotations

import io
import json
import logging
import sys
from datetime import datetime, timedelta

import pytest
from engine_loading import KNOWN_NETWORK
from rich.console import Console

from streamdepth.cli.app import _exit_status
from streamdepth.reporting import status
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.logs import complain, log_info, set_up_logs, warn


@pytest.fixture(autouse=True)
def _as_before():
    yield
    set_up_logs()


@pytest.fixture
def console():
    return ErrorConsole(Console(file=io.StringIO(), width=40))


def printed(console):
    return console.drawing.file.getvalue().splitlines()


def test_text_lines_bear_the_name_of_the_program_and_warnings_the_word(console, capsys):
    set_up_logs()
    log_info(console, "model: nano [MIT] :smile: " + "x" * 60)
    log_info(console, "7 of 10 frames", plain=True)
    warn(console, "cut short")
    assert printed(console) == [
        "streamdepth: model: nano [MIT] :smile: " + "x" * 60,
        "7 of 10 frames",
        "streamdepth: warning: cut short",
    ]
    complain("it broke (mend it)")
    assert capsys.readouterr().err == "streamdepth: error: it broke (mend it)\n"


def test_a_name_with_an_end_of_line_stays_on_its_line_and_libraries_keep_theirs(capsys):
    set_up_logs()
    complain("there is no file a\n\x1b[2Jb.mp4 (check the path)")
    logging.getLogger("some.library").error("first\n\x1b[2Jsecond")
    assert capsys.readouterr().err.splitlines() == [
        r"streamdepth: error: there is no file a\n\x1b[2Jb.mp4 (check the path)",
        "streamdepth: error: first",
        r"\x1b[2Jsecond",
    ]


def test_json_lines_have_time_level_logger_message_and_fields(console):
    set_up_logs("json")
    log_info(console, "last minute: 3 frames", frames=3, dropped_by={"stale": 1})
    (line,) = printed(console)
    record = json.loads(line)
    when = datetime.fromisoformat(record.pop("time"))
    assert when.utcoffset() == timedelta(0)
    assert record == {
        "level": "info",
        "logger": "streamdepth",
        "message": "last minute: 3 frames",
        "frames": 3,
        "dropped_by": {"stale": 1},
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_line_holds_a_password_whoever_writes_it(console, capsys, form):
    set_up_logs(form)
    address = "rtsp://me:secret@cam/1"
    log_info(console, f"reading {address}", source=address)
    logging.getLogger("some.library").warning("retrying %s", address)
    try:
        raise ValueError(address)
    except ValueError:
        complain("it broke", with_traceback=True)
    everything = console.drawing.file.getvalue() + capsys.readouterr().err
    assert everything.count("rtsp://***@cam/1") == (4 if form == "json" else 3)
    assert "secret" not in everything


def test_a_traceback_comes_before_its_sentence_and_inside_a_json_line(capsys):
    for form in ("text", "json"):
        set_up_logs(form)
        try:
            raise ValueError("deep inside")
        except ValueError:
            complain("it broke", with_traceback=True)
    *traceback, sentence, line = capsys.readouterr().err.splitlines()
    assert traceback[0].startswith("Traceback")
    assert sentence == "streamdepth: error: it broke"
    assert "deep inside" in json.loads(line)["traceback"]


def test_the_level_decides_what_is_shown(console, capsys):
    set_up_logs(level="warning")
    log_info(console, "a word")
    warn(console, "a warning")
    complain("an error")
    assert printed(console) == ["streamdepth: warning: a warning"]
    assert "an error" in capsys.readouterr().err


def test_libraries_are_heard_from_a_warning_on(capsys):
    set_up_logs(level="debug")
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("watch out")
    assert capsys.readouterr().err == "streamdepth: warning: watch out\n"


def test_setting_up_again_does_not_double_lines(console):
    set_up_logs()
    set_up_logs()
    log_info(console, "once")
    assert len(printed(console)) == 1


def test_a_run_with_json_logs_writes_json_only(capfd, tmp_path):
    words = ("--input", "demo", "--camera-size", "64x48", "--duration", "0.2", *KNOWN_NETWORK)
    made = tmp_path / "d.mp4"
    assert _exit_status([*words, "--output", str(made), "--log-format", "json"]) == 0
    missing = ["--input", str(tmp_path / "no.mp4"), "--output", str(made), "--log-format", "json"]
    assert _exit_status(missing) == 1
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["level"] for line in lines] == ["info", "error"]
    assert lines[0]["message"].startswith("6 frames in")
    assert "no.mp4" in lines[1]["message"]


def test_a_live_run_that_is_not_on_a_terminal_tells_its_figures(capfd, tmp_path, monkeypatch):
    monkeypatch.setattr(status, "STATUS_EVERY", 0.05)
    words = ["--input", "demo", "--live", "--camera-size", "64x48", "--duration", "1.5", "--model", "nano"]
    words += ["--engine", "openvino", "--precision", "fp32"]
    made = ["--output", str(tmp_path / "d.mp4"), "--log-format", "json", "--log-level", "debug"]
    assert _exit_status([*words, *made]) == 0
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    opened, network, *figures, end = lines
    assert (opened["level"], opened["message"]) == ("debug", "input: demo, 64x48 at 30 frames/s, live")
    assert network["message"] == "network: nano on openvino in fp32"
    assert len(figures) >= 2
    assert all(line["rss_mb"] > 0 for line in figures)
    busy = [line for line in figures if line["frames"] > 0]
    assert busy
    assert all(line["latency_ms"]["p95"] >= line["latency_ms"]["p50"] for line in busy)
    assert end["message"].split()[1] == "frames"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize(("mode", "warned"), [(0o600, 0), (0o640, 0), (0o644, 1)])
def test_a_password_in_a_file_that_others_can_read_is_warned_of(capfd, tmp_path, mode, warned):
    config = tmp_path / "depth.toml"
    config.write_text('input = "rtsp://me:secret@127.0.0.1:1/x"\nmodel = "nano"\n')
    config.chmod(mode)
    assert _exit_status(["--config", str(config), "--output", str(tmp_path / "x.mp4")]) == 1
    said = capfd.readouterr().err
    assert said.count("chmod 600") == warned
    assert "secret" not in said
