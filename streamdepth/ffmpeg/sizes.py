"""What decoders say of pictures that are larger than their option `max_pixels`."""

from __future__ import annotations

import errno

from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext


def decoder_options(most: int) -> dict[str, str]:
    """Options with which a decoder gives up what is clearly larger than `most` pixels before it allocates anything.

    It counts the lines and columns with which it pads a picture, so the bound here is not exact.
    """
    return {"max_pixels": str(most + most // 8 + (1 << 20))}


def is_too_large(error: FFmpegError, context: VideoCodecContext, most: int) -> bool:
    """Whether a decoder gave up a picture for its size.

    `max_pixels` lets the setting of a size fail with EINVAL, which leaves none (MJPEG, PNG), or, where the decoder sets
    it otherwise, the allocation, with the size still there (H.264 that changes in the middle).
    """
    pixels = context.width * context.height
    return pixels > most or (error.errno == errno.EINVAL and pixels == 0)
