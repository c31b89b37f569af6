"""What real decoders say of pictures that are larger than they may be."""

from __future__ import annotations

import errno
from fractions import Fraction

import av
import numpy as np
import pytest
from av.error import FFmpegError

from streamdepth.ffmpeg.sizes import decoder_options, is_too_large

MOST = 640 * 480


def packets(codec: str, *sizes: tuple[int, int]) -> list[av.Packet]:
    """A picture of each size in turn, encoded."""
    made = []
    for width, height in sizes:
        encoder = av.CodecContext.create(codec, "w")
        encoder.width, encoder.height = width, height
        encoder.pix_fmt = {"mjpeg": "yuvj420p", "png": "rgb24"}.get(codec, "yuv420p")
        encoder.time_base = Fraction(1, 25)
        picture = av.VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="bgr24")
        frame = picture.reformat(format=encoder.pix_fmt)
        frame.pts = 0
        made += [*encoder.encode(frame), *encoder.encode(None)]
    return [av.Packet(bytes(packet)) for packet in made]


def decoder(codec: str, most: int = MOST) -> av.CodecContext:
    context = av.CodecContext.create(codec, "r")
    context.options = decoder_options(most)
    context.thread_count = 1
    return context


def decoded(context: av.CodecContext, given: list[av.Packet]) -> list[tuple[int, int]]:
    frames = [frame for packet in [*given, None] for frame in context.decode(packet)]
    return [(frame.width, frame.height) for frame in frames]


@pytest.mark.parametrize(("encoder", "reader"), [("mjpeg", "mjpeg"), ("png", "png"), ("libx264", "h264")])
def test_a_picture_of_the_size_that_is_allowed_is_decoded(encoder: str, reader: str) -> None:
    assert decoded(decoder(reader), packets(encoder, (640, 480))) == [(640, 480)]


@pytest.mark.parametrize(("encoder", "reader"), [("mjpeg", "mjpeg"), ("png", "png"), ("libx264", "h264")])
def test_a_picture_that_is_far_too_large_is_given_up_and_known_as_such(encoder: str, reader: str) -> None:
    context = decoder(reader)
    with pytest.raises(FFmpegError) as caught:
        decoded(context, packets(encoder, (2560, 1440)))
    assert is_too_large(caught.value, context, MOST)


def test_a_film_that_grows_in_its_middle_is_given_up_there() -> None:
    context = decoder("h264")
    small, large = packets("libx264", (640, 480)), packets("libx264", (2560, 1440))
    with pytest.raises(FFmpegError) as caught:
        decoded(context, [*small, *large])
    assert is_too_large(caught.value, context, MOST)


def test_a_damaged_picture_is_not_taken_for_a_large_one() -> None:
    context = decoder("h264")
    damaged = av.Packet(b"\0\0\0\1\x65" + bytes(range(200)))
    with pytest.raises(FFmpegError) as caught:
        decoded(context, [*packets("libx264", (640, 480)), damaged])
    assert (context.width, context.height) == (640, 480)
    assert not is_too_large(caught.value, context, MOST)
    other = av.error.ArgumentError(errno.EINVAL, "Invalid argument")
    assert not is_too_large(other, context, MOST)


@pytest.mark.parametrize("reader", ["mjpeg", "png"])
def test_what_is_no_picture_is_not_taken_for_a_large_one(reader: str) -> None:
    context = decoder(reader)
    with pytest.raises(FFmpegError) as caught:
        decoded(context, [av.Packet(b"no picture")])
    assert context.width == 0
    assert not is_too_large(caught.value, context, MOST)


def test_the_bound_leaves_room_for_the_padding_of_a_picture() -> None:
    (value,) = decoder_options(MOST).values()
    assert decoder_options(MOST) == {"max_pixels": value}
    padded = (640 + 128) * (480 + 128)
    assert padded < int(value) < 2560 * 1440
