"""The work of a lane on one picture: head, limits, decoding, inference, encoding."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Protocol

from streamdepth.errors import SourceError, Trouble
from streamdepth.frames import DepthMap
from streamdepth.inference.pool import Turn
from streamdepth.pixel_limit import PixelLimit
from streamdepth.pixels import Picture
from streamdepth.server.answers import Answer, Scene, encode
from streamdepth.server.wanted import Wanted
from streamdepth.sources.images.image_file import checked_head, decode_image
from streamdepth.sources.images.image_head import ImageHead
from streamdepth.values import dataclass

_SHRINKS = (8, 4, 2)
"""What a JPEG can be divided by while it is decoded."""


class LaneEngine(Protocol):
    """What a lane must have of an engine."""

    @property
    def name(self) -> str:
        """Of the model."""

    def input_size(self, width: int, height: int) -> tuple[int, int]:
        """(w, h) of the network's input for a picture of that size."""

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """Its depth."""


_ANY = PixelLimit.of(2**62)
"""The service has a limit of its own, and another cure."""
Lane = Mapping[str, LaneEngine]
"""The engines of a thread by their models' names."""


@dataclass(frozen=True)
class Spans:
    """Seconds that the steps took."""

    queue: float
    decode: float
    inference: float
    encode: float


@dataclass(frozen=True)
class Upload:
    """A picture that was sent."""

    data: bytes
    name: str = "the picture"
    """As it is called in sentences; what a client calls it is never a path."""


def answer_picture(
    turn: Turn[Lane], upload: Upload, wanted: Wanted, most_pixels: int
) -> tuple[Answer, Spans]:
    """The answer about one upload; raises `SourceError` for what is no picture, or too large a one."""
    began = time.monotonic()
    engine = turn.lane[wanted.model]
    size, picture = decode(upload, engine, most_pixels, whole=wanted.needs_picture)
    decoded = time.monotonic()
    turn.check()
    depth = engine.estimate_picture(picture)
    inferred = time.monotonic()
    turn.check()
    scene = Scene(size, depth, engine.name, picture if wanted.needs_picture else None)
    answer = encode(scene, wanted)
    done = time.monotonic()
    return answer, Spans(turn.waited, decoded - began, inferred - decoded, done - inferred)


def decode(
    upload: Upload, engine: LaneEngine, most_pixels: int, *, whole: bool
) -> tuple[tuple[int, int], Picture]:
    """(W, H) of the upright picture, and the picture; not whole, a JPEG is only as large as the network needs it."""
    head = checked_head(upload.data, upload.name, limit=_ANY)
    _check_size(upload, head, most_pixels)
    shrunk = 1 if whole else shrunk_by(head, engine)
    image = decode_image(upload.data, head, upload.name, shrunk=shrunk).image
    picture = Picture.of_bgr(image)
    if shrunk > 1:
        return head.orientation.size(head.width, head.height), picture
    return (picture.width, picture.height), picture


def _check_size(upload: Upload, head: ImageHead, most_pixels: int) -> None:
    if not head.width or not head.height:
        raise SourceError(f"{upload.name} has no pixels", "send another", Trouble.CODEC)
    if head.width * head.height > most_pixels:
        raise SourceError(
            f"{upload.name} has {head.width}x{head.height} pixels, and {most_pixels / 1e6:g} million are allowed",
            "send it smaller",
            Trouble.TOO_LARGE,
        )


def shrunk_by(head: ImageHead, engine: LaneEngine) -> int:
    """What the sides of a picture are divided by while it is decoded: it stays as large as the network's input."""
    if head.kind != "JPEG":
        return 1
    width, height = head.orientation.size(head.width, head.height)
    columns, rows = engine.input_size(width, height)
    return next((by for by in _SHRINKS if width >= by * columns and height >= by * rows), 1)
