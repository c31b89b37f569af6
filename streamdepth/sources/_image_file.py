"""One image file as a picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.pixels import BGRImage, quiet_opencv
from streamdepth.sources._pictures import over_black

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_ALPHA_TYPES = {4, 6}
_PNG_HEAD = 4096
_WEBP_LOSSY = b"VP8 "
_MAX: dict[object, int] = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}
_CURE = "check that it opens elsewhere; if so, save it as PNG or JPEG"


def read_image(path: Path) -> BGRImage:
    """Decode a file to (H, W, 3) uint8 BGR.

    It comes upright by its EXIF orientation, 16 bits brought to 8, transparency laid over black. Raises
    SourceMissing where there is no such file, and SourceError where it cannot be read or is no image.
    """
    data = _read_bytes(path)
    try:
        with quiet_opencv():
            image = _decode(data)
    except cv2.error as error:
        raise SourceError(f"{path} cannot be decoded: it is damaged or too large", _CURE) from error
    if image is None:
        raise SourceError(f"{path} is not an image, or it is damaged", _CURE)
    return image


def _read_bytes(path: Path) -> NDArray[np.uint8]:
    # Not cv2.imread: on Windows it cannot open every path.
    try:
        data = np.fromfile(path, np.uint8)
    except FileNotFoundError as error:
        raise SourceMissing(f"there is no file {path}", "check the path") from error
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise SourceError(f"{path} cannot be read: {reason}", "check its permissions and the disk") from error
    if data.size == 0:
        raise SourceError(f"{path} is empty (0 bytes)", "copy or save it again")
    return data


def _decode(data: NDArray[np.uint8]) -> BGRImage | None:
    """The picture, None where the bytes are no image; cv2.error where the image is too large."""
    if _may_be_transparent(data):
        raw = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
        # OpenCV turns a picture by its EXIF orientation only where it drops the alpha: here it is not seen.
        if raw is not None and raw.ndim == 3 and raw.shape[2] == 4 and raw.dtype in _MAX:
            eight_bits = cv2.convertScaleAbs(raw, alpha=255 / _MAX[raw.dtype])
            return over_black(np.asarray(eight_bits, dtype=np.uint8))
    image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, dtype=np.uint8)


def _may_be_transparent(data: NDArray[np.uint8]) -> bool:
    """Whether the file may hold alpha: a PNG says it in its head, a JPEG and a plain WebP never do."""
    head = data[:_PNG_HEAD].tobytes()
    if head.startswith(_PNG) and len(head) > 25:
        return head[25] in _PNG_ALPHA_TYPES or b"tRNS" in head
    return not head.startswith(b"\xff\xd8") and head[12:16] != _WEBP_LOSSY
