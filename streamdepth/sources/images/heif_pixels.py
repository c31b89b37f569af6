"""The picture of an HEIC or AVIF file: its parts decoded by FFmpeg and put together."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from streamdepth.ffmpeg.colours import SWSCALE, matrix_numbered, range_numbered
from streamdepth.ffmpeg.containers import open_input
from streamdepth.ffmpeg.picture_from_frame import over_black
from streamdepth.ffmpeg.planes import array_of
from streamdepth.ffmpeg.sizes import decoder_options
from streamdepth.pixels import BGRImage, ColourMatrix
from streamdepth.sources.images.heif import HeifItem


def decode_heif(data: bytes, item: HeifItem) -> BGRImage | None:
    """(H, W, 3) uint8 BGR, upright, transparency laid over black; None where a part is missing or damaged.

    Raises FFmpegError where the file cannot be opened.
    """
    wanted = {*item.parts, *(item.alpha.parts if item.alpha else ())}
    frames = _decoded(data, wanted, _most_pixels(item))
    if frames.keys() != wanted:
        return None
    image = _assembled(frames, item, "bgr24")
    if item.alpha is not None:
        alpha = cv2.resize(_assembled(frames, item.alpha, "gray"), image.shape[1::-1])
        image = over_black(np.dstack([image, np.asarray(alpha, np.uint8)]))
    return item.orientation.apply(image)


def _most_pixels(item: HeifItem) -> int:
    """Of a part: it reaches over the edge of the whole, but not far."""
    return 4 * item.width * item.height


def _decoded(data: bytes, wanted: set[int], most_pixels: int) -> dict[int, VideoFrame]:
    """The picture of each wanted item that can be decoded."""
    frames: dict[int, VideoFrame] = {}
    limit = decoder_options(most_pixels)
    with open_input(BytesIO(data), options=limit) as container:
        streams = [stream for stream in container.streams.video if stream.id in wanted]
        for stream in streams:
            stream.codec_context.options = limit
            stream.codec_context.thread_count = 1  # a photo has dozens of tiles
        for packet in container.demux(streams):
            try:
                for frame in packet.decode():
                    assert isinstance(frame, VideoFrame)
                    frames[packet.stream.id] = frame
            except FFmpegError:
                continue
    return frames


def _assembled(frames: dict[int, VideoFrame], item: HeifItem, form: str) -> NDArray[np.uint8]:
    """(H, W, 3) BGR or (H, W) grey of an item, cropped as it says."""
    tiles = [_pixels(frames[part], item, form) for part in item.parts]
    if len(tiles) == 1:
        image = tiles[0]
    else:
        rows = [np.hstack(tiles[i : i + item.columns]) for i in range(0, len(tiles), item.columns)]
        image = np.vstack(rows)
    left, top, width, height = item.crop or (0, 0, item.width, item.height)
    return np.ascontiguousarray(image[top : top + height, left : left + width])


def _pixels(frame: VideoFrame, item: HeifItem, form: str) -> NDArray[np.uint8]:
    # A file that names no matrix means BT.601 (ISO/IEC 23000-22, 7.3.6.4).
    matrix = item.matrix if item.matrix is not None else frame.colorspace
    full = item.full_range if item.matrix is not None else frame.color_range != range_numbered(full=False)
    converted = VideoReformatter().reformat(
        frame,
        format=form,
        src_colorspace=None
        if frame.format.is_rgb
        else SWSCALE[matrix_numbered(matrix) or ColourMatrix.BT601],
        src_color_range=range_numbered(full=full),
        dst_color_range=range_numbered(full=True),
        threads=1,
    )
    return array_of(converted.planes[0], 1 if form == "gray" else 3)
