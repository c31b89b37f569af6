"""How much there is to do: which outputs are there already, and how large each input is beside the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from streamdepth.batch.inputs import Kind
from streamdepth.batch.planned_run import PlannedRun
from streamdepth.depthfiles.index import INDEX_NAME, is_complete
from streamdepth.sources import files_of
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Work:
    """Shares of the work by the bytes of the inputs: a long film is known by its size before it is opened."""

    shares: tuple[float, ...]
    """Of each run, adding up to 1; 0 where its output is there."""
    done: tuple[float, ...]
    """Of all runs before each of them."""

    @classmethod
    def of(cls, runs: Sequence[PlannedRun], *, skip_existing: bool) -> Work:
        """That of all runs."""
        sizes = [0 if skip_existing and is_there(planned) else input_bytes(planned) for planned in runs]
        whole = max(1, sum(sizes))
        shares = tuple(size / whole for size in sizes)
        return cls(shares, tuple(accumulate(shares, initial=0.0)))


def is_there(planned: PlannedRun) -> bool:
    """Whether all outputs of a run are there, and not empty; of pictures, one for each of them."""
    return bool(planned.outputs) and all(_is_there(planned, path) for path in planned.outputs)


def input_bytes(planned: PlannedRun) -> int:
    """How large an input is; 1 where nobody knows."""
    files = files_of(planned.found.text)
    return sum(map(_size, files)) or 1


def _is_there(planned: PlannedRun, path: Path) -> bool:
    is_depth = path == planned.spec.output.depth_output
    if planned.found.kind is Kind.PICTURES and path in planned.folders:
        suffix = f".{planned.spec.depth.depth_format}" if is_depth else ".png"
        pictures = [file for file in files_of(planned.found.text) if file.is_file()]
        return bool(pictures) and all(_size(path / f"{picture.stem}{suffix}") for picture in pictures)
    if is_depth and path in planned.folders:
        return is_complete(path / INDEX_NAME)  # which says whether all maps are there
    # A file of ours has its name when it is whole, and is never empty.
    return path.is_dir() or _size(path) > 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
