from __future__ import annotations

import os

import pytest

from streamdepth.cli.app import app, inputs_behind_dashes, main, values_said
from streamdepth.errors import UsageError

WHOLE = ["--input", "a.mp4", "-o", "b.mp4"]


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ([], None),
        (["--resume"], True),
        (["--resume", "any"], "any"),
        (["--resume=any"], "any"),
        (["--no-resume"], False),
    ],
)
def test_resume_is_a_switch_that_may_have_a_word(words, meaning):
    for tokens in ([*words, *WHOLE], [*WHOLE, *words]):
        _, bound, *_ = app.parse_args(values_said(tokens), print_error=False, exit_on_error=False)
        output = bound.arguments.get("output")
        assert output is not None
        assert output.resume == meaning


def test_an_input_after_it_is_an_input():
    assert values_said(["--resume", "a.mp4", "-o", "b.mp4"]) == ["--resume=true", "a.mp4", "-o", "b.mp4"]
    assert values_said(["a.mp4", "--resume"]) == ["a.mp4", "--resume=true"]


def test_words_behind_two_dashes_are_inputs_whatever_they_begin_with() -> None:
    tokens = inputs_behind_dashes(["-o", "out/", "--", "-a.mp4", "--help", "b.mp4"])
    _, bound, *_ = app.parse_args(tokens, print_error=False, exit_on_error=False)
    assert bound.arguments["batch"].inputs == ("-a.mp4", "--help", "b.mp4")
    assert inputs_behind_dashes(["verify", "--", "-a.mp4"]) == ["verify", "--", "-a.mp4"]


@pytest.mark.parametrize(
    "words",
    [
        ["-"],
        ["--input", "-"],
        ["a.mp4", "-o", "-"],
        ["--input=-"],
        ["-i", "pipe:0"],
        ["--input=pipe:"],
        ["a.mp4", "-o", "pipe:1"],
        ["a.mp4", "--output=fd:1"],
    ],
)
def test_a_pipe_is_no_film(words: list[str]) -> None:
    with pytest.raises(UsageError, match=r"name a file"):
        values_said(words)


def test_events_go_to_standard_output() -> None:
    assert values_said(["a.mp4", "--events", "-"]) == ["a.mp4", "--events", "-"]
    assert values_said(["a.mp4", "--events=-"]) == ["a.mp4", "--events=-"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--control-video", "a.mp4"], True),
        (["a.mp4", "--control-video"], True),
        (["--control-video", "32", "a.mp4"], 32),
        (["--control-video=8"], 8),
        ([], None),
    ],
)
def test_a_word_behind_it_is_its_grid_only_where_it_is_a_number(
    words: list[str], wanted: bool | int | None
) -> None:
    _, bound, unused, _ = app.parse_known_args(values_said(words))
    assert getattr(bound.arguments.get("picture"), "control_video", None) is wanted
    assert [word for word in unused if word != "a.mp4"] == []


@pytest.mark.parametrize("asked", [None, "20"])
def test_idle_threads_of_numpy_sleep_unless_somebody_says_otherwise(asked, monkeypatch):
    monkeypatch.setattr("streamdepth.cli.app.outlast_terminal", lambda: None)
    monkeypatch.setattr("sys.argv", ["streamdepth", "--version"])
    monkeypatch.setenv("OPENBLAS_THREAD_TIMEOUT", asked or "")
    if asked is None:
        monkeypatch.delenv("OPENBLAS_THREAD_TIMEOUT")
    with pytest.raises(SystemExit):
        main()
    assert os.environ["OPENBLAS_THREAD_TIMEOUT"] == (asked or "4")
