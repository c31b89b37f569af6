"""Pictures to pictures: one image to one file, a folder of images to a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from streamdepth.errors import UsageError
from streamdepth.frames import Rendered, SourceInfo
from streamdepth.imaging.exif import with_exif
from streamdepth.imaging.scaling import squared
from streamdepth.sinks.images.suffixes import IMAGE_SUFFIXES
from streamdepth.sinks.picture_files import PlacedSink, encode, picture_place


class ImageSink(PlacedSink):
    """Writes the rendered picture of each image.

    `path` is a file (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff) for one image, or a folder, which is made where
    only its last part is missing. In a folder each picture keeps the name of its image and gets `suffix`. Each
    file appears only when it is whole; an older one of its name is replaced.

    Raises UsageError where the input is no image, the suffix is not one of these, one file is to hold several
    images, or the output is the input; SinkError where the place cannot be written; DiskFull.
    """

    def __init__(self, path: Path, info: SourceInfo, *, suffix: str = ".png") -> None:
        if info.kind != "image":
            raise UsageError(
                f"the output {path} is for pictures and the input is not one",
                "name an .mp4, .mkv, .mov or .webm file instead, or add --frames 1",
            )
        if suffix.lower() not in IMAGE_SUFFIXES:
            raise UsageError(
                f"no picture is written as {suffix!r}", f"choose from {' '.join(IMAGE_SUFFIXES)}"
            )
        super().__init__(picture_place(path, info, [suffix], accepted=IMAGE_SUFFIXES))

    def write(self, rendered: Rendered) -> None:
        """Write one picture."""
        with self._place.entry(rendered.estimate.frame) as (path,):
            aspect = rendered.estimate.frame.pixel_aspect
            picture = squared(rendered.picture, sys.maxsize, aspect)
            data = with_exif(encode(picture.bgr, path.suffix), rendered.estimate.frame.exif)
            self._place.put((path, data))
