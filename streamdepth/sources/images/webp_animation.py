"""An animated WebP as a source: FFmpeg reads its first picture only."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.counted import counted
from streamdepth.errors import SourceError
from streamdepth.files import read_bytes
from streamdepth.frames import Frame, SourceInfo
from streamdepth.imaging.opencv import quiet_opencv
from streamdepth.pixel_limit import USUAL, PixelLimit
from streamdepth.pixels import Picture
from streamdepth.sources.images.image_head import fills_file, is_whole_webp, read_head, webp_chunks
from streamdepth.values import dataclass

_READ_TIMEOUT = 30.0
_TICK = Fraction(1, 1000)
_SHORTEST = 100
"""Milliseconds that browsers show a picture whose duration is 0."""
_DAMAGED = "is damaged after {}; the rest was left out"
_SHORTER = "is shorter than it says: its {} are whole, and whether others followed is not known"
_LONGER = "is longer than it says; all of its {} were read"
_DO_NOT_BLEND, _DISPOSE = 2, 1


@dataclass(frozen=True)
class _Piece:
    """One picture of the file: where it goes on the canvas, for how long, and its own WebP."""

    left: int
    top: int
    width: int
    height: int
    milliseconds: int
    flags: int
    data: bytes


class WebpAnimation:
    """Every picture of an animated WebP once, laid over black, each with its own duration.

    Raises SourceError where the file cannot be read; what is damaged or missing ends it, with a warning.
    """

    def __init__(
        self,
        path: Path,
        limit: PixelLimit = USUAL,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.warnings: list[str] = []
        self._path = path
        self._clock = clock
        data = read_bytes(path)
        head = read_head(data)
        if head is None or head.kind != "WebP":
            raise SourceError(f"{path} is not a WebP file", "check that it opens elsewhere")
        limit.check_video(str(path), head.width, head.height)
        pieces = list(_pieces(data))
        self._canvas = np.zeros((head.height, head.width, 3), np.uint8)
        self._pieces = iter(pieces)
        self._is_over = False
        self._ending = _ending_of(data)
        self._index, self._time = 0, 0
        total = sum(piece.milliseconds for piece in pieces)
        self._info = SourceInfo(
            head.width,
            head.height,
            rate=Fraction(1000 * len(pieces), total) if total else None,
            live=False,
            read_timeout=_READ_TIMEOUT,
            time_base=_TICK,
            frame_count=len(pieces),
            origin=path,
        )

    @property
    def info(self) -> SourceInfo:
        """Known at once."""
        return self._info

    def read(self) -> Frame | None:
        """The next picture, None after the last."""
        piece = next(self._pieces, None)
        pixels = None if piece is None else _decoded(piece)
        if piece is None or pixels is None:
            self._end(self._ending if piece is None else _DAMAGED)
            return None
        picture = self._shown(piece, pixels)
        index, pts = self._index, self._time * _TICK
        self._index, self._time = self._index + 1, self._time + piece.milliseconds
        return Frame(index, pts, self._clock(), Picture.of_bgr(picture), shown_for=piece.milliseconds * _TICK)

    def _end(self, ending: str) -> None:
        if ending and not self._is_over:
            self.warnings.append(f"{self._path} {ending.format(counted(self._index, 'picture'))}")
        self._pieces, self._is_over = iter(()), True

    def close(self) -> None:
        """Nothing stays open between pictures."""
        self._pieces = iter(())

    def _shown(self, piece: _Piece, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The canvas with a piece on it, as a copy; then the canvas is as the piece leaves it."""
        place = np.s_[piece.top : piece.top + piece.height, piece.left : piece.left + piece.width]
        part = self._canvas[place]
        alpha = pixels[..., 3:] if pixels.shape[2] == 4 else np.full((*pixels.shape[:2], 1), 255, np.uint8)
        below = np.zeros_like(part) if piece.flags & _DO_NOT_BLEND else part
        opacity = alpha.astype(np.float32) / 255
        part[:] = np.rint(pixels[..., :3] * opacity + below * (1 - opacity)).astype(np.uint8)
        shown = self._canvas.copy()
        if piece.flags & _DISPOSE:
            part[:] = 0
        return shown


def _ending_of(data: bytes) -> str:
    """What is to be said of the end of a file, all of whose pictures can be decoded; empty where it is as it should."""
    if is_whole_webp(data):
        return ""
    if not fills_file(data):
        return _DAMAGED
    return _SHORTER if 8 + int.from_bytes(data[4:8], "little") > len(data) else _LONGER


def _pieces(data: bytes) -> Iterator[_Piece]:
    for kind, content in webp_chunks(data):
        if kind == b"ANMF" and len(content) > 16:
            left, top, width, height, duration = (
                int.from_bytes(content[i : i + 3], "little") for i in (0, 3, 6, 9, 12)
            )
            yield _Piece(
                2 * left,
                2 * top,
                width + 1,
                height + 1,
                duration or _SHORTEST,
                content[15],
                _as_file(content, width, height),
            )


def _as_file(content: memoryview, width: int, height: int) -> bytes:
    """The picture in a chunk ANMF as a file of its own; empty where it holds others, since its length is wrong."""
    inside = dict(webp_chunks(content, 16))
    if b"ANMF" in inside:
        return b""
    parts: dict[bytes, bytes] = {
        kind: bytes(inside[kind]) for kind in (b"ALPH", b"VP8 ", b"VP8L") if kind in inside
    }
    if b"ALPH" in parts:
        sides = width.to_bytes(3, "little") + height.to_bytes(3, "little")
        parts = {b"VP8X": b"\x10\0\0\0" + sides, **parts}
    chunks = (
        struct.pack("<4sI", kind, len(part)) + part + b"\0" * (len(part) % 2) for kind, part in parts.items()
    )
    body = b"WEBP" + b"".join(chunks)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def _decoded(piece: _Piece) -> NDArray[np.uint8] | None:
    """(h, w, 3 or 4) uint8, or None where it is damaged, or of another size than it says."""
    head = read_head(piece.data)
    if head is None or (head.width, head.height) != (piece.width, piece.height):
        return None
    try:
        with quiet_opencv():
            image = cv2.imdecode(np.frombuffer(piece.data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    fits = image is not None and image.ndim == 3 and image.shape[:2] == (piece.height, piece.width)
    return np.asarray(image, np.uint8) if fits else None
