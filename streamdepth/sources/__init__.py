"""Where frames come from: cameras, video, images, browsers and the drawn scene."""

from __future__ import annotations

from streamdepth.sources.open import (
    SourceOptions,
    check_source,
    files_of,
    may_be_live,
    open_camera,
    open_source,
)

__all__ = ["SourceOptions", "check_source", "files_of", "may_be_live", "open_camera", "open_source"]
