"""The colour description of a film: what the source states is what the file states, and its colours stay."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streamdepth.frames import Colours, DepthMap, Estimate, Rendered
from streamdepth.sinks.movie.sink import MovieOptions, MovieSink
from streamdepth.sources.video.source import VideoSource

DEPTH = DepthMap(np.zeros((2, 2), np.float32))
PATCHES = np.array([(30, 40, 200), (40, 180, 60), (190, 90, 40), (128, 128, 128), (20, 200, 220)], np.uint8)


def film(path: Path, codec: str, pix_fmt: str, tags: tuple[int, int, int, int], height: int = 96) -> Path:
    """Five patches of colour; `tags` are primaries, transfer, matrix and range."""
    picture = np.repeat(np.repeat(PATCHES[None], height, 0), 32, 1)
    primaries, transfer, matrix, range_ = tags
    frame = av.VideoFrame.from_ndarray(picture, "bgr24")
    if not av.VideoFormat(pix_fmt).is_rgb:
        frame = frame.reformat(
            format=pix_fmt, dst_colorspace=matrix if matrix != 2 else 5, dst_color_range=range_ or 1
        )
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"qp": "0"} if "264" in codec else {})
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, pix_fmt
        context = stream.codec_context
        context.color_primaries, context.color_trc = primaries, transfer
        context.colorspace, context.color_range = matrix, range_
        frame.color_primaries, frame.color_trc = primaries, transfer
        frame.colorspace, frame.color_range = matrix, range_
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def rendered(source: VideoSource, out: Path) -> tuple[tuple[int, int, int, int], np.ndarray]:
    """The tags of the film that is written, and its first picture in BGR, read by its tags."""
    sink = MovieSink(out, source.info, options=MovieOptions(crf=1))
    for frame in iter(source.read, None):
        sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))
    source.close()
    sink.close()
    with av.open(str(out)) as container:
        frame = next(container.decode(video=0))
    again = VideoSource(out)
    picture = again.read()
    again.close()
    assert picture is not None
    tags = (int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace), int(frame.color_range))
    return tags, picture.bgr


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "suffix"),
    [
        ("libx264", "yuv420p", "mp4"),
        ("libx264", "yuv422p", "mp4"),
        ("libx264", "yuv444p", "mkv"),
        ("libx264", "yuv422p10le", "mp4"),
        ("prores_ks", "yuv422p10le", "mov"),
        ("prores_ks", "yuva444p10le", "mov"),
        ("ffv1", "yuv411p", "mkv"),
    ],
)
@pytest.mark.parametrize("tags", [(1, 1, 1, 1), (5, 6, 5, 1), (9, 14, 9, 1)], ids=str)
def test_the_film_states_what_its_source_states(
    codec: str, pix_fmt: str, suffix: str, tags: tuple[int, int, int, int], tmp_path: Path
) -> None:
    source = VideoSource(film(tmp_path / f"film.{suffix}", codec, pix_fmt, tags))
    stated, picture = rendered(source, tmp_path / "depth.mp4")
    assert stated == tags
    assert np.abs(picture[48, 16::32].astype(int) - PATCHES).max() <= 8


def test_full_range_and_what_is_not_stated_stay(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mkv", "libx264", "yuv444p", (2, 2, 5, 2))
    stated, picture = rendered(VideoSource(path), tmp_path / "depth.mp4")
    assert stated == (2, 2, 5, 2)
    assert np.abs(picture[48, 16::32].astype(int) - PATCHES).max() <= 8


@pytest.mark.parametrize(("height", "matrix"), [(96, 6), (720, 1)])
@pytest.mark.parametrize(("codec", "pix_fmt"), [("libx264rgb", "rgb24"), ("ffv1", "bgr0")])
def test_rgb_gets_the_matrix_that_players_expect(
    codec: str, pix_fmt: str, height: int, matrix: int, tmp_path: Path
) -> None:
    path = film(tmp_path / "film.mkv", codec, pix_fmt, (1, 13, 0, 2), height)
    stated, picture = rendered(VideoSource(path), tmp_path / "depth.mp4")
    assert stated == (1, 13, matrix, 1)
    assert np.abs(picture[48, 16::32].astype(int) - PATCHES).max() <= 8


def test_what_states_nothing_gets_what_players_expect(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mkv", "ffv1", "yuv422p", (2, 2, 2, 0))
    assert rendered(VideoSource(path), tmp_path / "depth.mp4")[0] == (6, 6, 6, 1)


def test_hdr_becomes_what_every_screen_shows(tmp_path: Path) -> None:
    source = VideoSource(film(tmp_path / "film.mp4", "libx264", "yuv420p10le", (9, 16, 9, 1)))
    assert source.info.colours == Colours(1, 1, 1)
    assert rendered(source, tmp_path / "depth.mp4")[0] == (1, 1, 1, 1)
