"""Films whose container says that edges of their pictures are not shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from apertures import Edges, as_matroska, with_aperture
from films import SIZE, write_film

from streamdepth.frames import Frame
from streamdepth.pixels import Rectangle
from streamdepth.sources.video.source import VideoSource

MARGIN, INSIDE, COUNT, RATE = 250, 60, 8, 25


def picture(edges: Edges, bar: int = 0) -> np.ndarray:
    """Bright at the edges, grey inside, with black bars above and below that."""
    width, height = SIZE
    left, top, right, bottom = edges
    image = np.full((height, width, 3), MARGIN, np.uint8)
    image[top : height - bottom, left : width - right] = 0
    image[top + bar : height - bottom - bar, left : width - right] = INSIDE
    return image


def mov(folder: Path, edges: Edges, bar: int = 0, **options: str) -> Path:
    film = write_film(folder / "film.mov", [picture(edges, bar)] * COUNT, rate=RATE, qp="0", **options)
    return with_aperture(film, SIZE, edges)


def matroska(folder: Path, edges: Edges, bar: int = 0, **options: str) -> Path:
    return as_matroska(folder / "film.mkv", mov(folder, edges, bar, **options))


def read(film: Path) -> list[Frame]:
    with closing(VideoSource(film)) as source:
        frames = list(iter(source.read, None))
        assert {(frame.picture.width, frame.picture.height) for frame in frames} == {
            (source.info.width, source.info.height)
        }
        return frames


@pytest.mark.parametrize("write", [mov, matroska])
@pytest.mark.parametrize("edges", [(8, 8, 8, 8), (4, 0, 12, 6), (0, 2, 0, 0)])
def test_what_the_container_leaves_out_is_not_shown(
    tmp_path: Path, write: Callable[[Path, Edges], Path], edges: Edges
) -> None:
    left, top, right, bottom = edges
    frames = read(write(tmp_path, edges))
    assert len(frames) == COUNT
    for frame in frames:
        assert frame.picture.bgr.shape == (SIZE[1] - top - bottom, SIZE[0] - left - right, 3)
        assert np.abs(frame.picture.bgr.astype(int) - INSIDE).max() < 5


@pytest.mark.parametrize("bframes", ["0", "3"])
def test_pictures_without_their_edges_keep_their_times(tmp_path: Path, bframes: str) -> None:
    times = [frame.pts for frame in read(mov(tmp_path, (8, 8, 8, 8), bf=bframes))]
    assert times == [Fraction(index, RATE) for index in range(COUNT)]


def test_bars_inside_the_edges_are_found(tmp_path: Path) -> None:
    frames = read(mov(tmp_path, (8, 8, 8, 8), bar=6))
    assert {frame.picture.inner for frame in frames} == {Rectangle(0, 6, SIZE[0] - 16, SIZE[1] - 28)}


@pytest.mark.parametrize(
    "edges", [(0, 0, 0, 0), (-8, -8, -8, -8), (32, 24, 32, 24)], ids=["none", "beyond", "all"]
)
def test_an_aperture_that_means_nothing_leaves_nothing_out(tmp_path: Path, edges: Edges) -> None:
    film = write_film(tmp_path / "film.mov", [picture((0, 0, 0, 0))] * COUNT)
    assert read(with_aperture(film, SIZE, edges))[0].picture.bgr.shape == (SIZE[1], SIZE[0], 3)
