from __future__ import annotations

import pytest

from streamdepth.cli.app import app, resume_said

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
        _, bound, *_ = app.parse_args(resume_said(tokens), print_error=False, exit_on_error=False)
        output = bound.arguments.get("output")
        assert output is not None
        assert output.resume == meaning


def test_an_input_after_it_is_an_input():
    assert resume_said(["--resume", "a.mp4", "-o", "b.mp4"]) == ["--resume=true", "a.mp4", "-o", "b.mp4"]
    assert resume_said(["a.mp4", "--resume"]) == ["a.mp4", "--resume=true"]
