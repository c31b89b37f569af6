"""Which bits and colours each codec of a movie is given."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from streamdepth.ffmpeg.planes import words_of
from streamdepth.frames import DepthMap, Estimate
from streamdepth.pixels import ColourMatrix, DeepPlanes, Picture
from streamdepth.rendering import Renderer
from streamdepth.sinks.movie.codecs import CODECS
from streamdepth.sinks.movie.encoder_frames import EncoderFrames
from streamdepth.sinks.movie.sink import MovieOptions, MovieSink
from streamdepth.sources.video.source import VideoOptions, VideoSource

SIZE = (64, 48)
SDR, PQ, HLG = (1, 1, 1), (9, 16, 9), (9, 18, 9)


def deep_picture(transfer=16):
    y, *chroma = (np.full(shape, 512, np.uint16) for shape in ((48, 64), (24, 32), (24, 32)))
    planes = DeepPlanes(y, *chroma, ColourMatrix.BT2020, False, 9, transfer)
    return replace(Picture.of_bgr(np.zeros((48, 64, 3), np.uint8)), deep=planes)


@pytest.mark.parametrize(
    ("word", "layout"),
    [
        ("h264", "yuv420p"),
        ("h265", "yuv420p10le"),
        ("av1", "yuv420p"),
        ("vp9", "yuv420p"),
        ("prores", "yuv422p10le"),
        ("ffv1", "yuv420p10le"),
    ],
)
def test_each_codec_gets_the_bits_that_it_keeps(word, layout):
    picture, codec = deep_picture(), CODECS[word]
    frames = EncoderFrames(picture, None, codec)
    made = frames.fill(picture, 3, Fraction(1, 25))
    assert (frames.layout, made.format.name, made.pts) == (layout, layout, 3)
    assert frames.size == SIZE
    assert (frames.tags.transfer == 16) is bool(codec.deep)


def test_without_10_bits_all_is_as_it_was():
    picture = Picture.of_bgr(np.zeros((48, 64, 3), np.uint8))
    layouts = {word: EncoderFrames(picture, None, codec).layout for word, codec in CODECS.items()}
    assert set(layouts.values()) == {"yuv420p", "yuv422p10le"}
    assert layouts["h265"] == layouts["ffv1"] == "yuv420p"


def film(path, colours, count=3):
    """10-bit noise, without loss."""
    rng, planes = np.random.default_rng(0), []
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = colours
        context.color_range = 1
        for index in range(count):
            frame = VideoFrame(*SIZE, "yuv420p10le")
            frame.color_primaries, frame.color_trc, frame.colorspace = colours
            frame.color_range = 1
            for plane in frame.planes:
                words_of(plane)[:] = rng.integers(300, 700, words_of(plane).shape)
            planes.append([words_of(plane).copy() for plane in frame.planes])
            frame.pts = index
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return planes


def rendered(source_path, path, codec, alpha):
    source = VideoSource(source_path, VideoOptions(keeps_bits=True))
    assert source.info.is_deep
    renderer = Renderer(alpha=alpha)
    sink = MovieSink(path, source.info, options=MovieOptions(codec=codec))
    while (frame := source.read()) is not None:
        sink.write(
            renderer(Estimate(frame, DepthMap(np.tile(np.arange(32, dtype=np.float32), (16, 1))), 0.0))
        )
    source.close()
    sink.close()
    with av.open(str(path)) as written:
        return list(written.decode(video=0))


@pytest.mark.parametrize("colours", [SDR, PQ, HLG])
@pytest.mark.parametrize(("codec", "suffix"), [("ffv1", ".mkv"), ("h265", ".mp4"), ("prores", ".mov")])
def test_a_film_of_10_bits_keeps_them_and_says_how_they_are_read(tmp_path, codec, suffix, colours):
    given = film(tmp_path / "source.mkv", colours)
    frames = rendered(tmp_path / "source.mkv", tmp_path / f"film{suffix}", codec, 0.0)
    assert len(frames) == len(given)
    for frame, (y, u, v) in zip(frames, given, strict=True):
        assert "10" in frame.format.name
        assert (int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)) == colours
        words = [words_of(plane) for plane in frame.planes]
        if codec == "ffv1":  # to the bit
            assert all(map(np.array_equal, words, (y, u, v)))
        assert np.corrcoef(words[0].ravel(), y.ravel())[0, 1] > 0.9


def test_depth_over_hdr_is_as_bright_as_captions_and_not_as_the_sun(tmp_path):
    film(tmp_path / "source.mkv", PQ)
    frame = rendered(tmp_path / "source.mkv", tmp_path / "film.mkv", "ffv1", 1.0)[0]
    brightest = int(words_of(frame.planes[0]).max())
    assert 500 < brightest < 64 + 876 * 0.59
