"""One image file as a picture."""

from __future__ import annotations

import struct
from pathlib import Path

import av.error
import cv2
import numpy as np
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from streamdepth.errors import SourceError, Trouble
from streamdepth.ffmpeg.picture_from_frame import over_black
from streamdepth.ffmpeg.planes import array_of
from streamdepth.files import read_bytes
from streamdepth.imaging.icc import to_srgb
from streamdepth.imaging.opencv import quiet_opencv
from streamdepth.imaging.png import PNG_START
from streamdepth.imaging.tiff_pieces import tiff_damage
from streamdepth.pixel_limit import USUAL, PixelLimit
from streamdepth.pixels import BGRImage
from streamdepth.sources.images.colour_profile import profile_of
from streamdepth.sources.images.grey_levels import to_eight_bits
from streamdepth.sources.images.image_head import ImageHead, may_be_image, png_chunks, read_head
from streamdepth.values import dataclass

_NEEDED_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_CURE = "check that it opens elsewhere; if so, save it as PNG or JPEG"
_START = 65_536


@dataclass(frozen=True)
class ImageFile:
    """A decoded file."""

    image: BGRImage
    head: ImageHead
    notes: tuple[str, ...] = ()
    """One sentence each on what was left out of it or done to it."""


def read_image(path: Path, limit: PixelLimit = USUAL) -> ImageFile:
    """Decode a file to (H, W, 3) uint8 BGR.

    It comes upright as the file says, in sRGB where it has a profile of other colours, more bits than 8 brought to 8
    (those in use, of grey in 16 bits: a sensor's 10 or 12 are not left in the dark), transparency laid over black; of
    an animation and of pages the first. Raises
    SourceMissing where there is no such file, and SourceError where it cannot be read, is no image, is larger than
    `limit`, or is one of a kind that is not read here.
    """
    data = read_bytes(path)  # not cv2.imread: on Windows it cannot open every path
    return decode_image(data, checked_head(data, str(path), path.suffix, limit), str(path))


def checked_head(data: bytes, name: str, suffix: str = "", limit: PixelLimit = USUAL) -> ImageHead:
    """The head of what `read_image` would decode; raises SourceError for what it would refuse. Nothing is decoded.

    `name` is what the sentences of errors begin with.
    """
    head = read_head(data, suffix)
    if head is None:
        raise SourceError(f"{name} is not an image, or it is damaged", _CURE, Trouble.CODEC)
    if head.refusal:
        raise SourceError(f"{name} {head.refusal}", "save it as PNG or JPEG", Trouble.CODEC)
    limit.check_photo(name, head.width, head.height)
    return head


def decode_image(data: bytes, head: ImageHead, name: str, *, shrunk: int = 1) -> ImageFile:
    """The picture of a file with this `head`, as `read_image` gives it; raises SourceError where it is damaged.

    `shrunk` may be 2, 4 or 8 for a JPEG: its sides are divided by that, rounded up, which is done before its
    coefficients become pixels and so takes less time.
    """
    if head.kind == "TIFF" and (damage := tiff_damage(data)):
        raise SourceError(f"{name} {damage}", _CURE)
    raw = _shrunk_jpeg(data, shrunk) if shrunk > 1 else _decoded(name, data, head)
    if raw is None:
        raise SourceError(f"{name} is damaged: its {head.kind} cannot be decoded", _CURE)
    levels = to_eight_bits(raw, name, head.largest)
    pixels = ~levels.image if head.negative else levels.image
    image = head.orientation.apply(_as_bgr(pixels)) if head.heif is None else pixels
    convert = to_srgb(profile_of(data, head)) if raw.ndim == 3 else None
    image = image if convert is None else convert(image)
    return ImageFile(image, head, (*_left_out(name, head), *levels.notes))


def head_of(path: Path) -> ImageHead | None:
    """What a file says about itself, without decoding it; None where it is no image or cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(_START)
            return read_head(start + file.read(), path.suffix) if may_be_image(start, path.suffix) else None
    except OSError:
        return None


def _decoded(name: str, data: bytes, head: ImageHead) -> NDArray[np.generic] | None:
    """The pixels in the file's own depth and channels; None where they cannot be had."""
    try:
        if head.heif is not None:
            from streamdepth.sources.images.heif_pixels import decode_heif

            return decode_heif(data, head.heif)
        if head.kind == "TGA":
            return _by_ffmpeg(data, "targa")
        with quiet_opencv():
            return _by_opencv(data)
    except av.error.FFmpegError:
        return None
    except cv2.error as error:
        raise SourceError(f"{name} cannot be decoded: it is damaged or too large", _CURE) from error


def _by_opencv(data: bytes) -> NDArray[np.generic] | None:
    """(H, W) or (H, W, 3 or 4): not laid by Exif but for TIFF, so that all kinds of pixels are laid in one place."""
    if data.startswith(PNG_START):
        if not _is_whole(data):
            return None
        data = _pixels_alone(data)
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return None if image is None else np.asarray(image)


def _shrunk_jpeg(data: bytes, shrunk: int) -> NDArray[np.uint8] | None:
    flags = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
    with quiet_opencv():
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags[shrunk] | cv2.IMREAD_IGNORE_ORIENTATION)
    return None if image is None else np.asarray(image, np.uint8)


def _is_whole(data: bytes) -> bool:
    """Whether each chunk of a PNG ends within it: OpenCV takes as much memory as a chunk says that it has bytes."""
    return all(
        end == begin + struct.unpack_from(">I", data, begin - 8)[0] for _kind, begin, end in png_chunks(data)
    )


def _pixels_alone(data: bytes) -> bytes:
    """A PNG without what does not concern its first picture: libpng prints of its own about odd colour profiles."""
    kept = [data[begin - 8 : end + 4] for kind, begin, end in png_chunks(data) if kind in _NEEDED_CHUNKS]
    return PNG_START + b"".join(kept)


def _by_ffmpeg(data: bytes, codec: str) -> NDArray[np.uint8] | None:
    context = VideoCodecContext.create(codec, "r")
    assert isinstance(context, VideoCodecContext)
    frames = context.decode(Packet(data))
    return array_of(frames[0].reformat(format="bgra", threads=1).planes[0], 4) if frames else None


def _as_bgr(image: NDArray[np.uint8]) -> BGRImage:
    if image.ndim == 2 or image.shape[2] == 1:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    return over_black(image) if image.shape[2] == 4 else image


def _left_out(name: str, head: ImageHead) -> list[str]:
    if head.pictures < 2:
        return []
    if head.animated:
        return [
            f"{name} is an animation of {head.pictures} pictures; its first was taken (name it alone for all)"
        ]
    return [f"{name} has {head.pictures} pages; the first was taken"]
