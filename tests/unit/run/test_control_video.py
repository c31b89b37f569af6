"""A control video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import greys, write_film

from streamdepth.errors import UsageError
from streamdepth.run.control_video import as_control_video, grid_of
from streamdepth.run.run import Run
from streamdepth.run.spec import (
    AmountSpec,
    InputSpec,
    NetworkSpec,
    OutputSpec,
    PictureSpec,
    RunSpec,
    StreamSpec,
)

NANO = NetworkSpec(model="nano", size=32, engine="onnxruntime", precision="fp32")
FILM = OutputSpec(output=Path("c.mp4"))


@pytest.mark.parametrize(("wanted", "grid"), [(None, None), (False, None), (True, 16), (32, 32)])
def test_the_grid_is_16_unless_it_is_named(wanted: bool | int | None, grid: int | None) -> None:
    assert grid_of(RunSpec(picture=PictureSpec(control_video=wanted))) == grid


def test_it_is_grey_and_near_white_on_its_grid_at_one_rate(tmp_path: Path) -> None:
    source = write_film(
        tmp_path / "a.mkv", greys(range(0, 120, 10)), [0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14], size=(70, 50)
    )
    movie = tmp_path / "c.mp4"
    spec = RunSpec(
        InputSpec(input=str(source)),
        output=OutputSpec(output=movie),
        picture=PictureSpec(control_video=True),
        network=NANO,
        amount=AmountSpec(max_fps=Fraction(10), frames=5),
    )
    Run(spec).execute()
    with av.open(str(movie)) as film:
        stream = film.streams.video[0]
        frames = list(film.decode(stream))
        times = [frame.pts * frame.time_base for frame in frames]
        picture = frames[-1].to_ndarray(format="rgb24").astype(int)
    assert (stream.width, stream.height) == (64, 48)
    assert [float(time) for time in times] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert np.ptp(picture, axis=2).max() <= 3


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (RunSpec(), "--control-video is for a movie"),
        (RunSpec(output=OutputSpec(output=Path("heat.png"))), "--control-video is for a movie"),
        (RunSpec(InputSpec(camera="0"), output=FILM), "for recordings"),
        (RunSpec(stream=StreamSpec(live=True), output=FILM), "for recordings"),
        (RunSpec(output=FILM, picture=PictureSpec(layout="stereo")), "decides what --layout says"),
        (RunSpec(output=FILM, picture=PictureSpec(invert=True)), "decides what --invert says"),
        (RunSpec(output=FILM, picture=PictureSpec(cut_beyond=0.5)), "decides what --cut-beyond says"),
    ],
)
def test_what_does_not_go_with_it_is_refused(spec: RunSpec, says: str) -> None:
    from dataclasses import replace

    wanted = replace(spec, picture=replace(spec.picture, control_video=True))
    with pytest.raises(UsageError, match=says):
        as_control_video(wanted)


@pytest.mark.parametrize("grid", [1, 3, 0, 200])
def test_a_grid_is_even(grid: int) -> None:
    spec = RunSpec(InputSpec(input="demo"), output=FILM, picture=PictureSpec(control_video=grid))
    with pytest.raises(UsageError, match="an even number from 2 to 128"):
        Run(spec)
