"""What Exif says of a picture that its own format does not."""

from __future__ import annotations

from streamdepth.ffmpeg.orientation import Orientation
from streamdepth.imaging.tiff_directory import ORIENTATION, directories


def exif_orientation(exif: bytes) -> Orientation:
    """How a picture with this Exif is to be laid; upright where it says nothing that makes sense."""
    directory = next(directories(exif.removeprefix(b"Exif\0\0")), {})
    return Orientation.from_exif(directory.get(ORIENTATION, (1,))[0])
