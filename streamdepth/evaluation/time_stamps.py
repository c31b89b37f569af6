"""Pictures and depth of different moments, paired by the time in their names, as TUM's data sets are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from streamdepth.errors import SourceError

APART = 0.02
"""Seconds that a picture and its depth may be apart, as TUM's own tool has it."""
_STAMP = re.compile(r"\d{1,12}\.\d{3,9}")
LISTS = ("associations.txt", "associate.txt", "assoc.txt", "associated.txt")
"""Names of files that say what belongs together."""


def stamp_of(path: Path) -> float | None:
    """Seconds in the name of a file, without its ending; None where it is no time."""
    return float(path.stem) if _STAMP.fullmatch(path.stem) else None


def listed_pairs(files: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """(colour, depth) of each line of the lists of associations among `files`: TIME FILE TIME FILE, in either order.

    Raises SourceError where a file that is listed is not there.
    """
    for path in files:
        if path.name in LISTS:
            for line in path.read_text("utf-8", "replace").splitlines():
                words = line.split()
                if len(words) >= 4 and not line.startswith("#"):
                    yield _in_order(path, words[1], words[3])


def nearest_pairs(colours: Iterable[Path], depths: Iterable[Path]) -> list[tuple[Path, Path]]:
    """Each picture with the depth that was taken nearest to it, each depth once, in the order of time."""
    stamped = [(stamp, path) for path in depths if (stamp := stamp_of(path)) is not None]
    close = sorted(
        (abs(stamp - time), colour, depth)
        for colour in colours
        if (time := stamp_of(colour)) is not None
        for stamp, depth in _near(stamped, time)
    )
    pairs: dict[Path, Path] = {}
    taken: set[Path] = set()
    for _, colour, depth in close:
        if colour not in pairs and depth not in taken:
            pairs[colour] = depth
            taken.add(depth)
    return sorted(pairs.items(), key=lambda pair: stamp_of(pair[0]) or 0.0)


def _near(stamped: list[tuple[float, Path]], time: float) -> Iterator[tuple[float, Path]]:
    return ((stamp, path) for stamp, path in stamped if abs(stamp - time) <= APART)


def _in_order(where: Path, first: str, second: str) -> tuple[Path, Path]:
    one, two = where.parent / first, where.parent / second
    for path in (one, two):
        if not path.is_file():
            raise SourceError(f"{where} names {path}, which is not there", "unpack the data set again")
    return (two, one) if "depth" in first.lower() else (one, two)
