"""Where the output of an input goes: what a file of each kind may end in, and which outputs are folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from streamdepth.batch.folders import is_folder
from streamdepth.batch.inputs import Kind
from streamdepth.batch.names import Named, check_pattern, place_of_file, place_of_folder, split_pattern
from streamdepth.depthfiles.formats import CLIPS, WRITTEN
from streamdepth.depthfiles.mcap_file import SUFFIX as ROS_SUFFIX
from streamdepth.sinks.depth.with_picture import WITH_PICTURE
from streamdepth.sinks.images.suffixes import IMAGE_SUFFIXES
from streamdepth.sinks.movie.containers import CONTAINERS
from streamdepth.sinks.open import SUFFIXES

PICTURE_ENDINGS = (".png", *sorted(set(IMAGE_SUFFIXES) - {".png"}))
_KNOWN = frozenset({*SUFFIXES, *CLIPS, *WRITTEN, *WITH_PICTURE, ROS_SUFFIX})
"""What a file ends in that is written; all else at the end of a name belongs to it."""


def folders_among(outputs: Sequence[Path]) -> tuple[Path, ...]:
    """Those of some outputs that are folders."""
    return tuple(path for path in outputs if path.suffix.lower() not in _KNOWN)


def film_endings(codec: str | None) -> tuple[str, ...]:
    """The suffixes of films; those first that take the codec, and of them Matroska last: editors read it least."""
    if codec is None:
        return tuple(CONTAINERS)
    return tuple(sorted(CONTAINERS, key=lambda end: (codec not in CONTAINERS[end].codecs, end == ".mkv")))


def output_endings(kind: Kind, codec: str | None, frames: int | None) -> tuple[str, ...]:
    """Of what is shown; of one frame of a film, what a pattern names may be a picture."""
    if kind is Kind.PICTURE:
        return PICTURE_ENDINGS
    return (*film_endings(codec), *(PICTURE_ENDINGS if frames == 1 else ()))


def depth_endings(kind: Kind, form: str, frames: int | None = None) -> tuple[str, ...]:
    """Of depth as numbers: a folder of maps for a film, unless a pattern names a file for all; for a picture a file."""
    if kind is Kind.FILM:
        return ("", *CLIPS, ROS_SUFFIX, *((*WRITTEN, *WITH_PICTURE) if frames == 1 else ()))
    return (f".{form}", *WRITTEN, *WITH_PICTURE, ROS_SUFFIX)


def place_of(path: Path, kind: Kind, named: Named, pattern: str, endings: Sequence[str]) -> Path:
    """Where the output of an input goes that `path` and `pattern` name; raises `UsageError` for a wrong pattern."""
    if is_file(path):
        return path
    folder, pattern = split_pattern(path, pattern)
    check_pattern(pattern)
    if kind is Kind.PICTURES:
        return place_of_folder(folder, pattern, named)
    return place_of_file(folder, pattern, named, endings, _KNOWN)


def is_file(path: Path) -> bool:
    """Whether an output names one file: it ends as one does, is no folder, and holds no word of a pattern."""
    return path.suffix.lower() in _KNOWN and not is_folder(path) and "{" not in str(path)
