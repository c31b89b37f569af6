"""The MP4 sink, by what PyAV reads back from its files."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from films import packets_of
from places import SHARED

from streamdepth.errors import SinkError, UsageError
from streamdepth.frames import DepthMap, Estimate, Frame, Recording, Rendered, SourceInfo
from streamdepth.pixels import I420, ColourMatrix, Picture
from streamdepth.sinks.movie.sink import MovieOptions, MovieSink

SHARED = SHARED / "media"
DEPTH = DepthMap(np.zeros((2, 2), np.float32))


def shown(picture: Picture, time: Fraction | int, index: int = 0) -> Rendered:
    frame = Frame(index, Fraction(time), 0.0, picture)
    return Rendered(Estimate(frame, DEPTH, 0.0), picture)


def ramp(index: int, width: int = 64, height: int = 48) -> Picture:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, :, 0] = np.linspace(0, 255, width, dtype=np.uint8)
    image[:, (index * 3) % width] = 255
    return Picture.of_bgr(image)


def info(**changes: Any) -> SourceInfo:
    values: dict[str, Any] = {"rate": Fraction(25), "live": False, "time_base": None} | changes
    return SourceInfo(width=64, height=48, read_timeout=1.0, **values)


def write(
    path: Path, source: SourceInfo, times: Sequence[Fraction], size: tuple[int, int] = (64, 48)
) -> MovieSink:
    sink = MovieSink(path, source, options=MovieOptions(threads=2))
    for index, time in enumerate(times):
        sink.write(shown(ramp(index, *size), time, index))
    sink.close()
    return sink


def pts_of(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return [Fraction(frame.pts) * frame.time_base for frame in container.decode(video=0)]


def clip(name: str) -> tuple[SourceInfo, list[Rendered]]:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"the clip {name} is not beside this checkout")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        source = SourceInfo(
            stream.width, stream.height, stream.average_rate, False, 1.0,
            time_base=stream.time_base, origin=path,
            recording=Recording(f"file:{path}", name, stream.index),
            sample_aspect=stream.sample_aspect_ratio or Fraction(1),
        )  # fmt: skip
    return source, [
        shown(planar(frame), Fraction(frame.pts) * frame.time_base, n) for n, frame in enumerate(frames)
    ]


def planar(frame: av.VideoFrame) -> Picture:
    packed, rows = frame.to_ndarray(format="yuv420p"), frame.height
    chroma = packed[rows:].reshape(2, rows // 2, frame.width // 2)
    return Picture.of_i420(I420(packed[:rows], chroma[0], chroma[1], ColourMatrix.BT709))


def boxes(path: Path) -> list[str]:
    data, at, names = path.read_bytes(), 0, []
    while at < len(data):
        names.append(data[at + 4 : at + 8].decode("latin-1"))
        at += int.from_bytes(data[at : at + 4], "big") or len(data)
    return names


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ([(64, 48), (64, 48)], []),
        ([(64, 48), (48, 64), (64, 48)], ["pictures of 48x64 are fitted into 64x48, the size of the first"]),
        (
            [(64, 48), (48, 64), (80, 60), (2, 2), (4, 4)],
            ["pictures of 48x64, 80x60 and 2 other sizes are fitted into 64x48, the size of the first"],
        ),
    ],
    ids=["one", "two", "many"],
)
def test_pictures_of_other_sizes_than_the_first_are_named(
    tmp_path: Path, sizes: list[tuple[int, int]], said: list[str]
) -> None:
    sink = MovieSink(tmp_path / "film.mp4", info(), options=MovieOptions(threads=2))
    for index, size in enumerate(sizes):
        sink.write(shown(ramp(index, *size), Fraction(index, 25), index))
    sink.close()
    assert sink.warnings == said


@pytest.mark.parametrize("name", ["bikes.mp4", "carphone.mp4", "rollercoaster.mp4", "bigbuckbunny.mp4"])
def test_a_clip_comes_out_with_the_same_frames_times_rate_and_size(name: str, tmp_path: Path) -> None:
    source, frames = clip(name)
    out = tmp_path / "depth.mp4"
    sink = MovieSink(out, source, options=MovieOptions(preset="ultrafast"))
    for frame in frames:
        sink.write(frame)
    sink.close()
    assert pts_of(out) == [frame.estimate.frame.pts for frame in frames]
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (source.width, source.height)
        assert stream.codec_context.name == "h264"
        assert stream.pix_fmt == "yuv420p"
        assert stream.average_rate == stream.guessed_rate == source.rate
        assert stream.time_base == source.time_base
        assert stream.sample_aspect_ratio == source.sample_aspect


def test_the_sound_of_a_clip_is_copied_untouched(tmp_path: Path) -> None:
    source, frames = clip("bigbuckbunny.mp4")
    sink = MovieSink(tmp_path / "depth.mp4", source, options=MovieOptions(preset="ultrafast"))
    for frame in frames:
        sink.write(frame)
    sink.close()
    assert packets_of(tmp_path / "depth.mp4", "audio") == packets_of(SHARED / "bigbuckbunny.mp4", "audio")


def test_the_picture_is_close_to_what_was_given(tmp_path: Path) -> None:
    source, frames = clip("carphone.mp4")
    sink = MovieSink(tmp_path / "depth.mp4", source)
    for frame in frames[:20]:
        sink.write(frame)
    sink.close()
    with av.open(str(tmp_path / "depth.mp4")) as container:
        for given, frame in zip(frames[:20], container.decode(video=0), strict=True):
            y = frame.to_ndarray(format="yuv420p")[: frame.height].astype(int)
            assert np.abs(y - given.picture.i420.y).mean() < 2.5


def test_the_index_stands_before_the_data(tmp_path: Path) -> None:
    write(tmp_path / "depth.mp4", info(), [Fraction(n, 25) for n in range(5)])
    names = boxes(tmp_path / "depth.mp4")
    assert names.index("moov") < names.index("mdat")


def test_the_default_encoding_is_high_profile(tmp_path: Path) -> None:
    write(tmp_path / "depth.mp4", info(), [Fraction(n, 25) for n in range(5)])
    with av.open(str(tmp_path / "depth.mp4")) as container:
        assert container.streams.video[0].profile == "High"


@pytest.mark.parametrize(
    "rate", [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(15, 2)]
)
@pytest.mark.parametrize("first", [0, 7])
def test_the_rate_is_kept_to_the_fraction(rate: Fraction, first: int, tmp_path: Path) -> None:
    times = [(first + n) / rate for n in range(31)]
    write(tmp_path / "depth.mp4", info(rate=rate), times)
    assert pts_of(tmp_path / "depth.mp4") == times
    with av.open(str(tmp_path / "depth.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == stream.guessed_rate == rate


@pytest.mark.parametrize(
    "base", [Fraction(1, 1000), Fraction(1, 90_000), Fraction(1, 600), Fraction(1001, 30_000)]
)
def test_uneven_frame_times_stay_uneven(base: Fraction, tmp_path: Path) -> None:
    ticks = [3, 4, 9, 10, 25, 26, 80, 81, 82, 140, 141, 190, 191, 192, 250, 400, 401, 402, 403, 404]
    times = [tick * base for tick in ticks]
    write(tmp_path / "depth.mp4", info(time_base=base, rate=Fraction(30)), times)
    assert pts_of(tmp_path / "depth.mp4") == times


def test_times_that_do_not_rise_are_put_one_tick_later(tmp_path: Path) -> None:
    base = Fraction(1, 1000)
    write(tmp_path / "depth.mp4", info(time_base=base), [n * base for n in (0, 40, 40, 30, 120)])
    assert pts_of(tmp_path / "depth.mp4") == [n * base for n in (0, 40, 41, 42, 120)]


def test_pictures_without_a_rate_last_as_long_as_the_gap_before(tmp_path: Path) -> None:
    write(tmp_path / "depth.mp4", info(rate=None), [Fraction(n) for n in range(4)])
    with av.open(str(tmp_path / "depth.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.duration * stream.time_base == 4


@pytest.mark.parametrize(("width", "height"), [(65, 48), (64, 47), (63, 47)])
def test_an_odd_size_is_padded_with_its_last_row_and_column(width: int, height: int, tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "depth.mp4", info(), options=MovieOptions(crf=1))
    image = np.repeat(np.linspace(40, 220, width, dtype=np.uint8)[None, :], height, axis=0)
    for n in range(3):
        sink.write(shown(Picture.of_bgr(cv2.merge([image, image, image])), Fraction(n, 25), n))
    sink.close()
    with av.open(str(tmp_path / "depth.mp4")) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height) == (width + width % 2, height + height % 2)
        y = frame.to_ndarray(format="yuv420p")[: frame.height, : frame.width].astype(int)
    assert np.abs(y[:height, -1] - y[:height, width - 1]).max() <= 2
    assert np.abs(y[-1] - y[height - 1]).max() <= 2


def test_the_shape_of_the_pixels_is_kept(tmp_path: Path) -> None:
    write(tmp_path / "depth.mp4", info(sample_aspect=Fraction(16, 11)), [Fraction(n, 25) for n in range(3)])
    with av.open(str(tmp_path / "depth.mp4")) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(16, 11)


def bars() -> np.ndarray:
    colours = [
        (255, 255, 255),
        (0, 255, 255),
        (255, 255, 0),
        (0, 255, 0),
        (255, 0, 255),
        (0, 0, 255),
        (255, 0, 0),
        (0, 0, 0),
    ]
    return np.repeat(np.repeat(np.array([colours], np.uint8), 64, axis=0), 32, axis=1)


def encoded_as(image: np.ndarray, matrix: ColourMatrix, full_range: bool) -> Picture:
    """Planes of a picture by the definition (ITU-T H.273, 8.3), chroma by averaging."""
    red, blue = matrix.value
    b, g, r = (image[:, :, c] / 255 for c in range(3))
    y = red * r + (1 - red - blue) * g + blue * b
    u, v = (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)
    luma, chroma, black = (255, 255, 0) if full_range else (219, 224, 16)
    halved = [c.reshape(c.shape[0] // 2, 2, c.shape[1] // 2, 2).mean(axis=(1, 3)) for c in (u, v)]
    planes = [
        np.round(np.clip(p, 0, 255)).astype(np.uint8)
        for p in (y * luma + black, *(c * chroma + 128 for c in halved))
    ]
    return Picture.of_i420(I420(*planes, matrix, full_range))


def decoded_by_tags(path: Path) -> list[np.ndarray]:
    """BGR pictures as a player shows them: with the matrix and range that the file names."""
    with av.open(str(path)) as container:
        return [
            frame.reformat(format="bgr24", dst_color_range="JPEG").to_ndarray()
            for frame in container.decode(video=0)
        ]


TAGS = {ColourMatrix.BT601: (6, 6, 6), ColourMatrix.BT709: (1, 1, 1), ColourMatrix.BT2020: (9, 14, 9)}


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", list(ColourMatrix))
def test_colours_survive_with_the_tags_that_the_file_carries(
    matrix: ColourMatrix, full_range: bool, tmp_path: Path
) -> None:
    sink = MovieSink(tmp_path / "depth.mp4", info(), options=MovieOptions(crf=1))
    sink.write(shown(encoded_as(bars(), matrix, full_range), 0))
    sink.close()
    with av.open(str(tmp_path / "depth.mp4")) as container:
        frame = next(container.decode(video=0))
        assert (frame.color_primaries, frame.color_trc, frame.colorspace) == TAGS[matrix]
        assert frame.color_range == (2 if full_range else 1)
    (picture,) = decoded_by_tags(tmp_path / "depth.mp4")
    assert np.abs(picture[:, 8::32].astype(int) - bars()[:, 8::32]).max() <= 6


def test_a_bgr_picture_keeps_its_colours(tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "depth.mp4", info(), options=MovieOptions(crf=1))
    sink.write(shown(Picture.of_bgr(bars()), 0))
    sink.close()
    (picture,) = decoded_by_tags(tmp_path / "depth.mp4")
    assert np.abs(picture[:, 8::32].astype(int) - bars()[:, 8::32]).max() <= 6


def test_a_picture_of_other_colours_or_size_is_fitted_to_the_first(tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "depth.mp4", info(), options=MovieOptions(crf=1))
    first = encoded_as(bars(), ColourMatrix.BT709, True)
    tall = np.full((128, 64, 3), (40, 90, 200), np.uint8)
    sink.write(shown(first, 0))
    sink.write(shown(encoded_as(bars(), ColourMatrix.BT601, False), Fraction(1, 25)))
    sink.write(shown(Picture.of_bgr(tall), Fraction(2, 25)))
    sink.write(shown(first, Fraction(3, 25)))
    sink.close()
    pictures = decoded_by_tags(tmp_path / "depth.mp4")
    assert {picture.shape for picture in pictures} == {(64, 256, 3)}
    for same in (pictures[0], pictures[1], pictures[3]):
        assert np.abs(same[:, 8::32].astype(int) - bars()[:, 8::32]).max() <= 8
    assert np.abs(pictures[2][:, 118:138].astype(int) - tall[0, 0]).max() <= 8
    assert pictures[2][:, :100].max() <= 8
    assert pictures[2][:, -100:].max() <= 8


def test_the_final_name_appears_only_when_all_is_written(tmp_path: Path) -> None:
    out = tmp_path / "depth.mp4"
    out.write_bytes(b"an older result")
    sink = MovieSink(out, info())
    sink.write(shown(ramp(0), 0))
    assert out.read_bytes() == b"an older result"
    assert (tmp_path / "depth.part.mp4").exists()
    sink.close()
    assert pts_of(out) == [0]
    assert [path.name for path in tmp_path.iterdir()] == ["depth.mp4"]
    assert sink.kept is None


def test_a_run_that_ended_early_keeps_a_playable_part(tmp_path: Path) -> None:
    out = tmp_path / "depth.mp4"
    out.write_bytes(b"an older result")
    sink = MovieSink(out, info())
    for n in range(10):
        sink.write(shown(ramp(n), Fraction(n, 25), n))
    sink.close(complete=False)
    assert sink.kept == tmp_path / "depth.part.mp4"
    assert len(pts_of(sink.kept)) == 10
    assert out.read_bytes() == b"an older result"


def test_without_a_frame_nothing_is_written(tmp_path: Path) -> None:
    for live in (False, True):
        for complete in (False, True):
            sink = MovieSink(tmp_path / "depth.mp4", info(live=live))
            sink.close(complete=complete)
            assert sink.kept is None
    assert list(tmp_path.iterdir()) == []


def test_a_closed_sink_takes_no_frame(tmp_path: Path) -> None:
    sink = write(tmp_path / "depth.mp4", info(), [Fraction(0)])
    with pytest.raises(SinkError, match="closed"):
        sink.write(shown(ramp(0), 1))
    sink.close()
    assert pts_of(tmp_path / "depth.mp4") == [0]


def test_the_input_is_never_the_output(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    write(film, info(), [Fraction(0)])
    (tmp_path / "link.mp4").symlink_to(film)
    for output in (film, tmp_path / "link.mp4"):
        with pytest.raises(UsageError, match="is the input itself"):
            MovieSink(output, info(origin=film))
    assert pts_of(film) == [0]


def test_a_kept_part_used_as_input_is_not_overwritten(tmp_path: Path) -> None:
    part = tmp_path / "film.part.mp4"
    write(part, info(), [Fraction(0)])
    with pytest.raises(UsageError, match="is the input itself"):
        MovieSink(tmp_path / "film.mp4", info(origin=part))


@pytest.mark.parametrize("is_given_up", [False, True])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_film_that_ended_leaves_no_encoder_behind(tmp_path: Path, suffix: str, is_given_up: bool) -> None:
    sink = MovieSink(tmp_path / f"a{suffix}", info(live=True), options=MovieOptions(threads=1))
    for index in range(3):
        sink.write(shown(ramp(index), Fraction(index, 25), index))
    assert sink._movie is not None
    encoder = weakref.ref(sink._movie._video)
    gc.disable()
    try:
        if is_given_up:
            sink._discard()
        else:
            sink.close()
        assert encoder() is None
    finally:
        gc.enable()
