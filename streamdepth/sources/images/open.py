"""Pictures by their files: one, an animation that only this package reads, a folder or a pattern of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.errors import SourceError
from streamdepth.protocols import Source
from streamdepth.sources.options import SourceOptions

if TYPE_CHECKING:
    from streamdepth.sources.images.image_head import ImageHead

_MOTION_JPEG = (".mjpeg", ".mjpg")


def open_pictures(path: Path, options: SourceOptions) -> Source:
    """Open all pictures of a folder, a glob or a numbered pattern; raises as `StillSource` does.

    SourceError also for a pattern of depth maps, which as pictures would get depth of depth.
    """
    from streamdepth.sources.images.picture_files import find_pictures
    from streamdepth.sources.images.source import StillSource

    if not path.is_dir():
        _refuse_depth(path, find_pictures(path))
    return StillSource(str(path), options.limit, rate=options.picture_rate)


def _refuse_depth(pattern: Path, pictures: Sequence[Path]) -> None:
    from streamdepth.depthfiles.index import INDEX_NAME, files_in_index

    for folder in {picture.parent: None for picture in pictures}:
        maps = files_in_index(folder / INDEX_NAME)
        if any(picture.name in maps for picture in pictures if picture.parent == folder):
            what = f"{pattern} means depth maps that streamdepth wrote, and no pictures"
            raise SourceError(what, f"name the folder that they are in: {folder}")


def open_picture(path: Path, options: SourceOptions) -> Source:
    """Open one picture; raises as `StillSource` does."""
    from streamdepth.sources.images.source import StillSource

    return StillSource(str(path), options.limit)


def open_webp_animation(path: Path, options: SourceOptions) -> Source:
    """Open an animation that FFmpeg reads the first picture of only; raises as `WebpAnimation` does."""
    from streamdepth.sources.images.webp_animation import WebpAnimation

    return WebpAnimation(path, options.limit)


def open_animation(path: Path, options: SourceOptions) -> Source:
    """Open an animation that FFmpeg reads; raises as `VideoSource` and `Animation` do."""
    from streamdepth.errors import Trouble
    from streamdepth.files import read_bytes
    from streamdepth.sources.images.animation import Animation
    from streamdepth.sources.images.whole_pictures import is_blended_deep, whole_pictures
    from streamdepth.sources.video.open import open_video

    data = read_bytes(path)
    if is_blended_deep(data):
        what = f"{path} lays clear pictures of 16 bits over each other, which FFmpeg does not decode"
        raise SourceError(what, "make it again with 8 bits", Trouble.CODEC)
    return Animation(open_video(path, options), whole_pictures(data), str(path))


def is_webp_animation(_path: Path, head: ImageHead | None) -> bool:
    """Whether it is an animation that FFmpeg cannot read."""
    return head is not None and head.animated and head.kind == "WebP"


def is_sequence(_path: Path, head: ImageHead | None) -> bool:
    """Whether it is an animation that is a film but for its name: a track of AV1 or H.265."""
    return head is not None and head.animated and head.kind in ("AVIF", "HEIC")


def is_other_animation(_path: Path, head: ImageHead | None) -> bool:
    """Whether it is an animation that FFmpeg reads."""
    return head is not None and head.animated


def is_picture(path: Path, head: ImageHead | None) -> bool:
    """Whether it is one picture, or is named as one: then its own reader says best what is wrong with it."""
    from streamdepth.sources.images.picture_files import PICTURE_SUFFIXES

    suffix = path.suffix.lower()
    if head is None:
        return suffix in PICTURE_SUFFIXES
    is_film_of_jpegs = head.kind == "JPEG" and suffix in _MOTION_JPEG  # its head is that of the first
    return not head.animated and not is_film_of_jpegs
