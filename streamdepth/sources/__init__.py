"""Where frames come from: cameras, video, images, browsers and the drawn scene."""

from __future__ import annotations

from streamdepth.sources.camera.open import open_camera
from streamdepth.sources.open import (
    check_source,
    files_of,
    is_animation,
    is_live,
    is_read_as_pictures,
    may_be_live,
    open_source,
)
from streamdepth.sources.options import SourceOptions

__all__ = [
    "SourceOptions",
    "check_source",
    "files_of",
    "is_animation",
    "is_live",
    "is_read_as_pictures",
    "may_be_live",
    "open_camera",
    "open_source",
]
