"""Depth that `--depth-output` wrote, by its index."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.files import index_path
from streamdepth.protocols import Source
from streamdepth.sources.options import SourceOptions

if TYPE_CHECKING:
    from streamdepth.sources.images.image_head import ImageHead


_INDEX = "streamdepth.json"
"""Of a folder: the name is in `depthfiles.index`, which takes long to load."""
_TELLING = {".mkv", ".npz", ".spool"}
"""Files that say themselves what they are; all others have an index beside them."""


def open_depth_set(path: Path, options: SourceOptions) -> Source:
    """Open it; raises as `DepthSource` does."""
    from streamdepth.sources.depth.source import DepthSource

    return DepthSource(path, options.limit)


def is_depth_set(path: Path, _head: ImageHead | None) -> bool:
    """Whether it is depth of ours: an ordinary film, picture or folder is not."""
    if not _may_be(path):
        return False
    from streamdepth.depthfiles.open import is_depth

    return is_depth(path)


def _may_be(path: Path) -> bool:
    """Whether it is worth loading what reads depth, which takes a tenth of a second."""
    if path.is_dir():
        return any(path.glob("*.json"))
    return path.is_file() and (
        path.suffix.lower() in _TELLING or index_path(path).is_file() or (path.parent / _INDEX).is_file()
    )
