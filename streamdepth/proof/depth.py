"""Whether depth as numbers is whole: FFmpeg decodes damage in it without a word, our reader does not."""

from __future__ import annotations

from pathlib import Path

from streamdepth.counted import counted
from streamdepth.depthfiles.open import open_depth
from streamdepth.errors import SourceError
from streamdepth.proof.compare import Finding, clock


def depth_by_itself(path: Path) -> Finding:
    """Read every map of what `--depth-output` wrote at a path for which `is_depth` is true."""
    try:
        times = [entry.pts for entry in open_depth(path).entries()]
    except SourceError as error:
        return Finding(False, error.what)
    if not times:
        return Finding(False, "it holds no depth map")
    return Finding(
        True, f"{counted(len(times), 'depth map')} can be read, {clock(times[0])} to {clock(times[-1])}"
    )
