"""Depth that `--depth-output` wrote, by its index."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.protocols import Source
from streamdepth.sources.options import SourceOptions

if TYPE_CHECKING:
    from streamdepth.sources.images.image_head import ImageHead


def open_depth_set(path: Path, options: SourceOptions) -> Source:
    """Open it; raises as `DepthSource` does."""
    from streamdepth.sources.depth.source import DepthSource

    return DepthSource(path, options.limit)


def is_depth_set(path: Path, _head: ImageHead | None) -> bool:
    """Whether it is depth of ours: an ordinary film, picture or folder is not."""
    from streamdepth.depthfiles.open import is_depth

    return path.exists() and is_depth(path)
