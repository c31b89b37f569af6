"""Colours of 8 bits in pictures of 10: in HDR they are as bright as captions are there (ITU-R BT.2408)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.hdr import graphics_light, hlg_signal, pq_signal
from streamdepth.imaging.patches import Box, halved_box
from streamdepth.pixels import (
    DEEP_NEUTRAL,
    I420,
    NEUTRAL,
    BGRImage,
    ColourMatrix,
    DeepPlanes,
    bgr_to_unrounded_yuv,
    i420_to_bgr,
)

PQ, HLG = 16, 18
"""Transfer functions by their code points (ITU-T H.273)."""
Deep = NDArray[np.uint16]
Kind = tuple[ColourMatrix, bool, int]
"""Matrix, whether the range is full, and transfer."""


def deep_of(image: BGRImage, like: DeepPlanes) -> DeepPlanes:
    """The planes of an (H, W, 3) uint8 BGR image of SDR, to be read as `like`; an odd size repeats its last line."""
    y, u, v = cv2.split(_yuv(image, _kind(like)))
    return replace(like, y=_rounded(y), u=_rounded(_halved(u)), v=_rounded(_halved(v)))


def deep_tables(table: NDArray[np.uint8], like: DeepPlanes) -> tuple[Deep, Deep, Deep]:
    """The (256, 1) tables of luma and chroma, to be read as `like`, of a (256, 1, 3) BGR one."""
    return _deep_tables(table.tobytes(), _kind(like))


def copy_box(planes: DeepPlanes, image: BGRImage | I420, box: Box) -> None:
    """Write into `planes` what an 8-bit `image` of their size has in `box`."""
    half = halved_box(box)
    if isinstance(image, I420):
        parts = image.y[box], image.u[half], image.v[half]
        patch = i420_to_bgr(I420(*parts, image.matrix, image.full_range))
    else:
        patch = image[box]
    made = deep_of(patch, planes)
    planes.y[box], planes.u[half], planes.v[half] = made.y, made.u, made.v


def _kind(planes: DeepPlanes) -> Kind:
    return planes.matrix, planes.full_range, planes.transfer


@lru_cache(maxsize=8)
def _deep_tables(table: bytes, kind: Kind) -> tuple[Deep, Deep, Deep]:
    y, u, v = cv2.split(_yuv(np.frombuffer(table, np.uint8).reshape(-1, 1, 3), kind))
    return _rounded(y), _rounded(u), _rounded(v)


def _yuv(image: BGRImage, kind: Kind) -> NDArray[np.float32]:
    """(H, W, 3) luma and chroma of 10 bits, unrounded."""
    matrix, full_range, transfer = kind
    signal = image[..., ::-1] / 255.0
    if transfer == PQ:
        signal = pq_signal(graphics_light(signal))
    elif transfer == HLG:
        signal = hlg_signal(graphics_light(signal))
    bgr = np.ascontiguousarray(signal[..., ::-1] * 255.0, np.float32)
    yuv = bgr_to_unrounded_yuv(bgr, matrix, full_range=full_range)
    neutral = np.array([0, NEUTRAL, NEUTRAL], np.float32)
    finer = (yuv - neutral) * np.float32(1023 / 255 if full_range else 4)
    return finer + neutral * np.float32(DEEP_NEUTRAL / NEUTRAL)


def _halved(plane: cv2.typing.MatLike) -> cv2.typing.MatLike:
    height, width = plane.shape
    whole = cv2.copyMakeBorder(plane, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    return cv2.resize(whole, (whole.shape[1] // 2, whole.shape[0] // 2), interpolation=cv2.INTER_LINEAR)


def _rounded(plane: cv2.typing.MatLike) -> Deep:
    return np.clip(np.rint(plane), 0, 1023).astype(np.uint16)
