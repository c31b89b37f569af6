"""`--scenes FILE`: the cuts of a film, found once and written down, and taken from there ever after.

A line is a time of the film (`1:02:03.500`, `62.5`), of which an excerpt may be rendered; what follows `#` is a
remark. The first picture at that time or later begins a new scene: steadying and range know nothing of what was before.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.errors import SourceError
from streamdepth.files import OutputFile, disk_errors, part_path, read_bytes, resolved
from streamdepth.files.listed import decoded
from streamdepth.frames import LeftOff, Rendered, SourceInfo
from streamdepth.times import seconds_of, time_text

if TYPE_CHECKING:
    from streamdepth.rendering.shots import Scenes

NEAR_BY = Fraction(1, 1000)
"""Seconds to which times are written."""
_REMARK = (
    "# A new scene begins at the first picture at each of these times or after it. Lines may be changed."
)


class SceneList:
    """What a run does about cuts: it takes them from a file, writes there those that are found, or neither.

    Raises `SourceError` for a file with a line that is no time.
    """

    def __init__(self, path: Path | None) -> None:
        self.scenes = scenes_in(path)
        """The known cuts, or the recorder of those that are found; None without --scenes."""
        self._found = FoundScenes(path) if path is not None and self.scenes is None else None
        if self._found is not None:
            self.scenes = self._found.scenes

    def sinks(self, left_off: LeftOff | None, info: SourceInfo) -> list[FoundScenes]:
        """What writes them down, and goes on with what was found up to a picture of that source."""
        if self._found is None:
            return []
        if left_off is not None:
            self._found.go_on_after(left_off.pts + info.begins)
        return [self._found]


def scenes_in(path: Path | None) -> Scenes | None:
    """The scenes of a file; None where there is none. Raises `SourceError` for a line that is no time."""
    if path is None or not path.is_file():
        return None
    from streamdepth.rendering.shots import Scenes

    lines = decoded(read_bytes(path), "replace").splitlines()
    cuts = {_time_of(line, number, path) for number, line in enumerate(lines, 1)}
    return Scenes(tuple(sorted(cut for cut in cuts if cut is not None)))


class FoundScenes:
    """Writes down the cuts that are found, as a sink beside those of a film; the file appears when it is whole.

    Raises `SinkError` where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        from streamdepth.rendering.shots import Scenes

        self._path = path
        self._file: OutputFile | None = None
        self._cuts: set[Fraction] = set()
        self.scenes = Scenes(found=self._add)
        """What the stage that finds cuts records them with."""

    def go_on_after(self, pts: Fraction) -> None:
        """Take over what an earlier run found up to there."""
        earlier = scenes_in(part_path(resolved(self._path)))
        if earlier is not None:
            self._cuts |= {cut for cut in earlier.cuts or () if cut <= pts + NEAR_BY}

    def write(self, rendered: Rendered) -> None:
        """Does nothing: cuts are recorded where they are found."""

    def close(self, *, complete: bool = True) -> None:
        """Give the file its name where the film is whole; else what was found stays for a run that goes on."""
        if complete:
            self._put().finish()
        elif self._file is not None:
            self._file.release()

    def _add(self, pts: Fraction) -> None:
        if not any(abs(pts - cut) <= NEAR_BY for cut in self._cuts):
            self._cuts.add(pts)
            self._put()

    def _put(self) -> OutputFile:
        """All of them: a film has some hundreds."""
        file = self._file = self._file or OutputFile.begin(self._path)
        with disk_errors(file.at), file.open() as stream:
            stream.write("\n".join((_REMARK, *map(time_text, sorted(self._cuts)), "")).encode())
        return file


def _time_of(line: str, number: int, path: Path) -> Fraction | None:
    text = line.partition("#")[0].strip()
    if not text:
        return None
    seconds = seconds_of(text)
    if seconds is None:
        raise SourceError(
            f"line {number} of {path} is not a time: {text[:40]}", "write one per line, as in 1:02:03.5"
        )
    return seconds
