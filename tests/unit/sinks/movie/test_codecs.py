"""What each codec of a movie takes."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import numpy as np
import pytest
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from streamdepth.errors import UsageError
from streamdepth.sinks.movie.codecs import CODECS, Wanted, codec_named

_M_PERTURB = -6


@pytest.mark.parametrize("word", CODECS)
def test_each_codec_has_an_encoder_that_takes_its_pictures(word: str) -> None:
    codec = CODECS[word]
    formats = av.Codec(codec.encoder, "w").video_formats
    assert codec.pixels in {one.name for one in formats or ()}
    assert not codec.presets or codec.preset in codec.presets
    assert codec.options(Wanted(codec.crf, codec.preset, 2, live=False))


def test_an_unknown_codec_is_told_which_there_are() -> None:
    with pytest.raises(
        UsageError, match=r"no codec 'xvid' \(choose from h264, h265, av1, vp9, prores, ffv1\)"
    ):
        codec_named("xvid")


@pytest.mark.parametrize(
    ("word", "crf", "preset", "sentence"),
    [
        ("h264", 52, None, r"crf is 52 \(choose 1 \(best\) to 51 \(smallest\) for H.264\)"),
        ("h264", 0, None, "crf is 0"),
        ("av1", 64, None, r"to 63 \(smallest\) for AV1"),
        ("h265", None, "warp", r"no preset 'warp' \(choose from ultrafast, superfast"),
        ("prores", 20, None, r"--crf 20 does not go with ProRes.*choose a --preset"),
        ("ffv1", 20, None, r"--crf 20 does not go with FFV1, which has no such scale \(leave it out\)"),
        ("ffv1", None, "slow", r"FFV1 has no presets \(leave --preset out\)"),
    ],
)
def test_what_a_codec_does_not_have_is_refused_with_what_it_has(
    word: str, crf: int | None, preset: str | None, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        CODECS[word].check(crf, preset)


def test_what_is_live_is_not_held_by_its_encoder() -> None:
    live = [CODECS[word].options(Wanted(20, CODECS[word].preset, 1, live=True)) for word in ("h264", "h265")]
    assert [options["tune"] for options in live] == ["zerolatency"] * 2


@pytest.mark.parametrize("preset", ["superfast", "veryfast"])
def test_h264_is_the_same_whatever_memory_held_before(preset: str) -> None:
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallopt"):
        pytest.skip("only glibc's malloc can be told what new memory holds")
    options = CODECS["h264"].options(Wanted(19, preset, 1, live=False))
    seen = set()
    try:
        for byte in (0, 85, 170):
            libc.mallopt(_M_PERTURB, byte)
            seen.add(b"".join(packets_of(options, squares())))
    finally:
        libc.mallopt(_M_PERTURB, 0)
    assert len(seen) == 1


def squares() -> Iterator[np.ndarray]:
    """A square that moves over noise."""
    for number in range(40):
        picture = np.random.default_rng(number // 35).integers(20, 110, (72, 64)).astype(np.uint8)
        picture[10:30, number % 44 : number % 44 + 20] = 220
        yield picture


def noise() -> Iterator[np.ndarray]:
    """Another one in each picture, and brighter."""
    random = np.random.default_rng(2)
    for number in range(24):
        yield np.clip(random.normal(100 + number, 20, (72, 64)), 0, 255).astype(np.uint8)


def packets_of(options: dict[str, str], pictures: Iterable[np.ndarray] | None = None) -> list[bytes]:
    encoder = opened(options)
    packets = []
    for number, picture in enumerate(noise() if pictures is None else pictures):
        packets += encoder.encode(numbered(picture, number))
    return [bytes(packet) for packet in packets + encoder.encode(None)]


def opened(options: dict[str, str]) -> VideoCodecContext:
    context = CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt, context.time_base = 64, 48, "yuv420p", Fraction(1, 25)
    context.thread_count, context.thread_type, context.options = 2, "FRAME", options
    return context


def numbered(picture: np.ndarray, number: int) -> VideoFrame:
    frame = VideoFrame.from_ndarray(picture, "yuv420p")
    frame.pts = number
    return frame


@pytest.mark.parametrize(("threads", "side"), [(4, 2560 * 1440), (2, 1920 * 1080)])
def test_large_pictures_and_on_few_cores_all_wait_in_no_second_line_which_changes_no_packet(
    threads: int, side: int
) -> None:
    h264 = CODECS["h264"]
    aside, in_line = (
        h264.options(Wanted(19, "superfast", *asked))
        for asked in ((4, False, 1920 * 1080), (threads, False, side))
    )
    assert aside != in_line
    assert packets_of(aside) == packets_of(in_line)


def test_fewer_pictures_of_3840x2160_wait_in_the_encoder() -> None:
    h264 = CODECS["h264"]
    smaller, larger = (
        pictures_before_a_packet(h264.options(Wanted(19, "superfast", 2, False, pixels)))
        for pixels in (2560 * 1440, 3840 * 2160)
    )
    assert larger == smaller - 5


def pictures_before_a_packet(options: dict[str, str]) -> int:
    encoder = opened(options)
    return next(number for number, one in enumerate(noise()) if encoder.encode(numbered(one, number)))
