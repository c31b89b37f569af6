"""What does not go with --record or --replay is said in one sentence, before anything is opened."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from streamdepth.errors import UsageError
from streamdepth.run.checks import check
from streamdepth.run.promise.spec import PromiseSpec
from streamdepth.run.sessions.spec import SessionSpec
from streamdepth.run.spec import AmountSpec, InputSpec, OutputSpec, PictureSpec, RunSpec
from streamdepth.run.surroundings import Surroundings

REPLAY = RunSpec(InputSpec(input="s.mkv"), session=SessionSpec(replay=True))
RECORD = RunSpec(InputSpec(camera="0"), session=SessionSpec(record=Path("s.mkv")))


@pytest.mark.parametrize("spec", [REPLAY, RECORD, replace(RECORD, output=OutputSpec(webrtc=True))])
def test_what_is_right_passes(spec):
    check(spec, Surroundings())


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (replace(RECORD, session=SessionSpec(record=Path("s.mp4"))), "writes Matroska.*name it NAME.mkv"),
        (replace(REPLAY, session=SessionSpec(Path("t.mkv"), replay=True)), "leave --record out"),
        (replace(REPLAY, input=InputSpec(camera="0")), "--replay is for a session.*--input session.mkv"),
        (replace(REPLAY, amount=AmountSpec(max_fps=Fraction(5))), "--max-fps does not go with --replay"),
        (replace(REPLAY, picture=PictureSpec(interpolate=True)), "--interpolate does not go with --replay"),
        (
            replace(REPLAY, promise=PromiseSpec(target_latency=0.05)),
            "--target-latency does not go with --replay",
        ),
        (replace(REPLAY, output=OutputSpec(cluster="local")), "--cluster does not go with --replay"),
        (replace(REPLAY, output=OutputSpec(resume=True)), "--resume does not go with --replay"),
        (
            replace(
                REPLAY, input=InputSpec(input="s.mkv", switch_to=("demo",)), output=OutputSpec(webrtc=True)
            ),
            "--switch-to does not go with --replay",
        ),
        (
            replace(RECORD, input=InputSpec(input="s.mkv")),
            "--record would write|--input and --record|s.mkv",
        ),
    ],
)
def test_what_is_wrong_is_refused(spec, words):
    with pytest.raises(UsageError) as refused:
        check(spec, Surroundings())
    assert re.search(words, str(refused.value))


def test_a_recording_alone_needs_no_window_and_takes_a_file_as_a_camera():
    assert not RECORD.shows_window
    assert RECORD.takes_live
    assert replace(RECORD, output=OutputSpec(events=("-",))).takes_live
