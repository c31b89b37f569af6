"""One input of several with the run that renders it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from streamdepth.batch.folders import is_folder
from streamdepth.batch.inputs import Found, Kind
from streamdepth.batch.names import Named, check_pattern, place_of_file, place_of_folder, split_pattern
from streamdepth.depthfiles.formats import CLIPS, WRITTEN
from streamdepth.depthfiles.mcap_file import SUFFIX as ROS_SUFFIX
from streamdepth.errors import UsageError
from streamdepth.run.spec import EncodingSpec, RunSpec
from streamdepth.sinks.depth.with_picture import WITH_PICTURE
from streamdepth.sinks.images.suffixes import IMAGE_SUFFIXES
from streamdepth.sinks.movie.containers import CONTAINERS
from streamdepth.sinks.open import SUFFIXES

PICTURE_ENDINGS = (".png", *sorted(set(IMAGE_SUFFIXES) - {".png"}))
_KNOWN = frozenset({*SUFFIXES, *CLIPS, *WRITTEN, *WITH_PICTURE, ROS_SUFFIX})
"""What a file ends in that is written; all else at the end of a name belongs to it."""


@dataclass(frozen=True)
class Job:
    """A run of one input."""

    name: str
    """The input, as it is shown."""
    found: Found
    spec: RunSpec

    @property
    def outputs(self) -> tuple[Path, ...]:
        """The picture's file or folder, and that of depth."""
        return self.spec.output.places

    @property
    def folders(self) -> tuple[Path, ...]:
        """The outputs that are folders, whatever their names end in."""
        return folders_among(self.outputs)


def folders_among(outputs: Sequence[Path]) -> tuple[Path, ...]:
    """Those of some outputs that are folders."""
    return tuple(path for path in outputs if path.suffix.lower() not in _KNOWN)


def jobs_of(spec: RunSpec, inputs: Sequence[Found], pattern: str) -> tuple[Job, ...]:
    """A job for each input; raises `UsageError` where an output of several is one file, or a pattern is wrong."""
    for path in spec.output.places:
        if len(inputs) > 1 and is_file(path):
            raise UsageError(
                f"{path} is one file, and there are {len(inputs)} inputs",
                f"name a folder: {path.with_suffix('')}/",
            )
    return tuple(_job(spec, found, found.named(number), pattern) for number, found in enumerate(inputs, 1))


def _job(spec: RunSpec, found: Found, named: Named, pattern: str) -> Job:
    given = spec.output
    films = film_endings(spec.encoding.codec)
    output = depth = None
    if given.output is not None:
        endings = PICTURE_ENDINGS if found.kind is Kind.PICTURE else films
        output = place_of(given.output, found.kind, named, pattern, endings)
    if given.depth_output is not None:
        endings = depth_endings(found.kind, spec.depth.depth_format)
        depth = place_of(given.depth_output, found.kind, named, pattern, endings)
    is_film = found.kind is Kind.FILM
    return Job(
        found.name,
        found,
        replace(
            spec,
            encoding=spec.encoding if is_film else EncodingSpec(),
            input=replace(spec.input, input=found.text),
            output=replace(
                given, output=output, depth_output=depth, report=None, manifest=given.manifest and is_film
            ),
        ),
    )


def film_endings(codec: str | None) -> tuple[str, ...]:
    """The suffixes of films; those first that take the codec, and of them Matroska last: editors read it least."""
    if codec is None:
        return tuple(CONTAINERS)
    return tuple(sorted(CONTAINERS, key=lambda end: (codec not in CONTAINERS[end].codecs, end == ".mkv")))


def depth_endings(kind: Kind, form: str) -> tuple[str, ...]:
    """Of depth as numbers: a folder of maps for a film, unless a pattern names a file for all; for a picture a file."""
    if kind is Kind.FILM:
        return ("", *CLIPS, ROS_SUFFIX)
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
