"""Sound of which an edit list leaves some out."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from edit_lists import edit
from films import add_video, greys, put_pictures

from streamdepth.frames import DepthMap, Estimate, Rendered
from streamdepth.sinks.movie.sink import MovieOptions, MovieSink
from streamdepth.sources.video.source import VideoSource

SAMPLES = 48_000
DEPTH = DepthMap(np.zeros((2, 2), np.float32))


def film(path: Path) -> Path:
    """Four seconds of grey pictures; of the sound the first two are loud, and the others silent."""
    with av.open(str(path), "w") as container:
        video = add_video(container, rate=25, preset="ultrafast", bf="0")
        sound = container.add_stream("aac", rate=SAMPLES, layout="mono")
        put_pictures(container, video, greys(range(100)))
        wave = np.zeros((1, 4 * SAMPLES), np.int16)
        wave[:, : 2 * SAMPLES] = np.sin(np.arange(2 * SAMPLES) / 10) * 8000
        frame = av.AudioFrame.from_ndarray(wave, "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLES, 0, Fraction(1, SAMPLES)
        container.mux([*sound.encode(frame), *sound.encode(None)])
    return path


def loud(path: Path) -> list[float]:
    """When there is sound, in seconds."""
    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(audio=0) if np.abs(frame.to_ndarray()).max() > 0.05]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_sound_that_is_cut_off_before_a_pause_is_not_heard_in_it(tmp_path: Path, suffix: str) -> None:
    trimmed = edit(film(tmp_path / "film.mp4"), [(None, Fraction(3)), (Fraction(21, 10), Fraction(19, 10))])
    assert loud(trimmed) == []
    with closing(VideoSource(trimmed)) as source:
        sink = MovieSink(tmp_path / f"depth{suffix}", source.info, options=MovieOptions(preset="ultrafast"))
        for frame in iter(source.read, None):
            sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))
        sink.close()
    assert loud(tmp_path / f"depth{suffix}") == []
