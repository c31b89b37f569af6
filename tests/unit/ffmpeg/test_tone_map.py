"""HDR frames against the same computed in floating point, pixel by pixel."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from streamdepth.ffmpeg import tone_map
from streamdepth.ffmpeg.picture_from_frame import PictureMaker, hdr_transfer
from streamdepth.ffmpeg.tone_map import ToneMapper, kind_of, peak_of
from streamdepth.imaging.hdr import hlg_light, pq_light, sdr_signal
from streamdepth.pixels import ColourMatrix

PQ, HLG = 16, 18
SIDE = 8
"""Pixels of one colour, each way."""


def patches(most: float) -> np.ndarray:
    """(H, W, 3) signals up to `most`: greys, and colours as they are in pictures, in squares."""
    generator = np.random.default_rng(3)
    base = generator.random((6, 16, 1)) * most
    colours = np.clip(base + generator.normal(0, 0.06, (6, 16, 3)), 0, most)
    colours[0] = np.linspace(0, most, 16)[:, None]
    return colours.repeat(SIDE, 0).repeat(SIDE, 1)


def hdr_frame(signal: np.ndarray, transfer: int, *, bits: int = 10) -> av.VideoFrame:
    """4:2:0 in limited range by BT.2020 (BT.2100, table 9)."""
    luma = signal @ np.array([0.2627, 0.6780, 0.0593])
    blue, red = (signal[..., 2] - luma) / 1.8814, (signal[..., 0] - luma) / 1.4746
    unit = 1 << (bits - 8)
    y, u, v = (
        (16 + 219 * luma) * unit,
        ((128 + 224 * blue) * unit)[::2, ::2],
        ((128 + 224 * red) * unit)[::2, ::2],
    )
    frame = av.VideoFrame(signal.shape[1], signal.shape[0], "yuv420p" if bits == 8 else f"yuv420p{bits}le")
    for plane, values in zip(frame.planes, (y, u, v), strict=True):
        kind = np.uint8 if bits == 8 else np.uint16
        lines = np.zeros((plane.height, plane.line_size // np.dtype(kind).itemsize), kind)
        lines[:, : plane.width] = np.round(values)
        plane.update(lines.tobytes())
    frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range = 9, transfer, 9, 1
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    return frame


def expected(signal: np.ndarray, transfer: int) -> np.ndarray:
    """Y, U and V of BT.709 in limited range, in the middle of each patch."""
    shown = sdr_signal(pq_light(signal) if transfer == PQ else hlg_light(signal))
    luma = shown @ np.array([0.2126, 0.7152, 0.0722])
    blue, red = (shown[..., 2] - luma) / 1.8556, (shown[..., 0] - luma) / 1.5748
    return np.stack([16 + 219 * luma, 128 + 224 * blue, 128 + 224 * red], -1)[
        SIDE // 2 :: SIDE, SIDE // 2 :: SIDE
    ]


def middles(planes: Any) -> np.ndarray:
    half = SIDE // 2
    y = planes.y[half::SIDE, half::SIDE]
    u, v = (plane[half // 2 :: half, half // 2 :: half] for plane in (planes.u, planes.v))
    return np.stack([y, u, v], -1).astype(float)


@pytest.mark.parametrize("bits", [8, 10, 12])
@pytest.mark.parametrize(("transfer", "most"), [(PQ, 0.76), (HLG, 1.0)])
def test_a_picture_is_what_the_formulas_say(transfer: int, most: float, bits: int) -> None:
    signal = patches(most)
    frame = hdr_frame(signal, transfer, bits=bits)
    planes = PictureMaker(frame).make(frame).i420
    assert (planes.matrix, planes.full_range) == (ColourMatrix.BT709, False)
    off = np.abs(middles(planes) - expected(signal, transfer))
    assert off.mean() < (1.2 if bits == 8 else 0.8)
    assert np.percentile(off, 99) < (7 if bits == 8 else 5)
    assert off[0].max() < (4 if bits == 8 else 2.5), "greys"


def test_frames_of_another_kind_get_a_mapper_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Counted(ToneMapper):
        def __init__(self, first: av.VideoFrame) -> None:
            made.append(kind_of(first))
            super().__init__(first)

    monkeypatch.setattr("streamdepth.ffmpeg.picture_from_frame.ToneMapper", Counted)
    pq, hlg = hdr_frame(patches(0.7), PQ), hdr_frame(patches(0.7), HLG)
    maker = PictureMaker(pq)
    for frame in (pq, pq, hlg):
        maker.make(frame)
    assert made == [kind_of(pq), kind_of(hlg)]


def test_sdr_is_not_touched() -> None:
    frame = hdr_frame(patches(0.7), 14)
    assert hdr_transfer(frame) is None
    assert PictureMaker(frame).make(frame).i420.matrix is ColourMatrix.BT2020


@pytest.mark.parametrize(
    ("peak", "is_there", "taken"),
    [((40_000_000, 10_000), 1, 4000), ((0, 0), 1, 1000), ((40_000_000, 10_000), 0, 1000), ((10, 1), 1, 1000)],
)
def test_the_screen_is_that_of_which_the_film_says_so(
    peak: tuple[int, int], is_there: int, taken: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = struct.pack("=24i", *[1] * 20, *peak, 1, is_there)
    monkeypatch.setattr(tone_map, "side_data_of", lambda frame, kind: data)
    assert peak_of(hdr_frame(patches(0.5), PQ)) == taken


def test_without_a_word_of_a_screen_it_is_the_usual_one() -> None:
    assert peak_of(hdr_frame(patches(0.5), PQ)) == 1000
