"""Films with bars of their own: found whatever the first scene is like, and the same for all of the film."""

from __future__ import annotations

import errno
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from streamdepth.errors import SourceError
from streamdepth.pixels import Rectangle
from streamdepth.sources.video import film_bars
from streamdepth.sources.video.source import VideoSource

WIDE, HIGH, RATE = 160, 90, 10
Scene = Callable[[int], tuple[int, float]]
"""Of a picture: rows of each bar, and how bright it is, 0 to 1."""


def film(path: Path, scene: Scene, seconds: int = 12, key_every: int = RATE) -> Path:
    """Noise between bars above and below, with a key frame a second."""
    generator = np.random.default_rng(2)
    noise = generator.integers(20, 230, (HIGH, WIDE)).astype(float)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv420p"
        stream.codec_context.gop_size = key_every
        for index in range(seconds * RATE):
            bar, light = scene(index)
            y = np.full((HIGH, WIDE), 16.0)
            y[bar : HIGH - bar] += (np.roll(noise, index, 1)[bar : HIGH - bar] - 16) * light
            frame = av.VideoFrame(WIDE, HIGH, "yuv420p")
            for plane, values in zip(frame.planes, (y, 128, 128), strict=True):
                lines = np.full(
                    (plane.height, plane.line_size), values if plane.width < WIDE else 16, np.uint8
                )
                if plane.width == WIDE:
                    lines[:, :WIDE] = y
                plane.update(lines.tobytes())
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def insides(path: Path) -> set[Rectangle | None]:
    source = VideoSource(path)
    found = {frame.picture.inner for frame in iter(source.read, None)}
    source.close()
    return found


BETWEEN = Rectangle(0, 12, WIDE, 66)


@pytest.mark.parametrize(
    ("scene", "inside"),
    [
        (lambda n: (12, 1.0), BETWEEN),
        (lambda n: (12, 0.0 if n < 60 else 1.0), BETWEEN),  # six seconds in the dark
        (lambda n: (12, max(0.0, 1 - n / 30, n / 60 - 1)), BETWEEN),  # fades out and in
        (lambda n: (12 if n < 80 else 20, 1.0), BETWEEN),  # bars that change: the thinnest
        (lambda n: (12 if n < 80 else 0, 1.0), None),  # full pictures at the end
        (lambda n: (0, 1.0), None),
        (lambda n: (12, 0.0), None),
    ],
    ids=["bars", "dark begin", "fades", "wider bars", "no bars later", "none", "all dark"],
)
def test_bars_are_found_once_for_all_of_a_film(
    scene: Scene, inside: Rectangle | None, tmp_path: Path
) -> None:
    path = film(tmp_path / "film.mp4", scene)
    assert insides(path) == {inside}


def test_a_film_with_one_key_frame_which_is_black_is_looked_at_further(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", lambda n: (12, min(1.0, n / 20)), seconds=4, key_every=250)
    assert insides(path) == {BETWEEN}


def test_what_is_found_is_told(tmp_path: Path) -> None:
    source = VideoSource(film(tmp_path / "film.mkv", lambda n: (12, 1.0), seconds=2))
    source.close()
    assert source.warnings == ["the film has black bars; depth is of the 160x66 pixels between them"]


class FailingOnce:
    """A container that fails where it is first searched."""

    def __init__(self, container: Any, error: av.error.FFmpegError) -> None:
        self._container = container
        self._errors = [error]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def __enter__(self) -> FailingOnce:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def seek(self, time: int) -> None:
        if self._errors:
            raise self._errors.pop()
        self._container.seek(time)


def fail_once(error: av.error.FFmpegError, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = film_bars.open_container
    monkeypatch.setattr(film_bars, "open_container", lambda address: FailingOnce(opened(address), error))


def test_a_disk_that_fails_for_a_moment_is_not_a_film_without_bars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(av.error.OSError(errno.EIO, "Input/output error"), monkeypatch)
    with pytest.raises(SourceError, match=r"a\.mp4 cannot be read to its end: input/output error"):
        VideoSource(film(tmp_path / "a.mp4", lambda n: (12, 1.0)))


def test_a_place_that_cannot_be_reached_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_once(av.error.PermissionError(errno.EPERM, "Operation not permitted"), monkeypatch)
    assert insides(film(tmp_path / "a.mp4", lambda n: (12, 1.0))) == {BETWEEN}
