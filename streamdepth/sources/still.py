"""Pictures as a source: one image, a folder of them, or a glob."""

from __future__ import annotations

import glob
import re
import time
from collections import Counter
from collections.abc import Callable, Generator
from fractions import Fraction
from pathlib import Path

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.frames import Frame, SourceInfo
from streamdepth.pixel_limit import USUAL, PixelLimit
from streamdepth.pixels import BGRImage, Picture
from streamdepth.sources._image_file import read_image

PICTURE_SUFFIXES = frozenset(
    (
        *(
            ".apng",
            ".avif",
            ".bmp",
            ".dib",
            ".gif",
            ".heic",
            ".heif",
            ".hif",
            ".j2k",
            ".jfif",
            ".jif",
            ".jp2",
        ),
        *(".jpe", ".jpeg", ".jpg", ".pam", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff"),
        ".webp",
    )
)
"""Endings, in small letters, of the files that a folder or a glob is searched for."""
_BESIDE = frozenset(
    (".aae", ".csv", ".db", ".ini", ".json", ".log", ".md", ".toml", ".txt", ".xml", ".xmp", ".yaml", ".yml")
)
"""Endings of what lies beside pictures and is none: nobody misses it."""

_READ_TIMEOUT = 30.0
_NUMBER = re.compile(r"(\d+)")
_SUFFIX_LIST = ", ".join(sorted(suffix[1:] for suffix in PICTURE_SUFFIXES))


class StillSource:
    """Every picture once, in natural order (img2 before img10), each in its own size and upright.

    `pictures` is what `find_pictures` takes, or the files themselves. One image that cannot be read is a
    SourceError; among several it is skipped, counted in `skipped` and told in `warnings`. The timestamp of a
    picture is its index in seconds.
    """

    def __init__(
        self,
        pictures: str | Path | list[Path],
        limit: PixelLimit = USUAL,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        paths = pictures if isinstance(pictures, list) else find_pictures(pictures)
        self._skipped: set[Path] = set()
        self.warnings: list[str] = [] if isinstance(pictures, list) else _passed_over(pictures)
        """One sentence for each picture that was skipped, or of which something was left out."""
        self._alone = len(paths) == 1
        self._limit = limit
        self._paths = paths
        self._clock = clock
        self._index = 0
        self._images = self._readable(paths)
        self._pending = next(self._images, None)
        if self._pending is None:
            raise SourceError("none of the pictures can be read", "; ".join(self.warnings[:3]))
        height, width = self._pending[1].shape[:2]
        self._info = SourceInfo(
            width,
            height,
            rate=None,
            live=False,
            read_timeout=_READ_TIMEOUT,
            kind="image",
            time_base=Fraction(1),
            frame_count=len(paths),
            origin=paths[0],
        )

    @property
    def info(self) -> SourceInfo:
        """That of the first picture."""
        return self._info

    @property
    def skipped(self) -> int:
        """Pictures so far that could not be read."""
        return len(self._skipped)

    def read(self) -> Frame | None:
        """The next picture with the name of its file, None after the last."""
        current, self._pending = self._pending or next(self._images, None), None
        if current is None:
            return None
        path, image = current
        index, self._index = self._index, self._index + 1
        return Frame(index, Fraction(index), self._clock(), Picture.of_bgr(image), path.name)

    @property
    def length(self) -> Fraction:
        """One second a picture."""
        return Fraction(len(self._paths))

    def seek(self, position: Fraction) -> None:
        """Go on with the picture at `position`, or with the last one."""
        self._images.close()
        self._index = min(int(position), len(self._paths) - 1)
        self._images = self._readable(self._paths[self._index :])
        self._pending = None

    def close(self) -> None:
        """Nothing stays open between pictures."""
        self._pending = None
        self._images.close()

    def _readable(self, paths: list[Path]) -> Generator[tuple[Path, BGRImage]]:
        for path in paths:
            try:
                file = read_image(path, self._limit)
            except SourceError as error:
                if self._alone:
                    raise
                self._skipped.add(path)
                self._note(f"{error.what}; it was skipped")
                continue
            for note in file.notes:
                self._note(note)
            yield path, file.image

    def _note(self, sentence: str) -> None:
        if sentence not in self.warnings:  # a viewer may come to the same picture again
            self.warnings.append(sentence)


def find_pictures(pattern: str | Path) -> list[Path]:
    """The pictures that are meant by a file, a folder (not the folders in it) or a glob, in natural order.

    A file is taken whatever its ending; a folder and a glob give the files ending in PICTURE_SUFFIXES, hidden ones
    left out. Raises SourceMissing where there is none.
    """
    path = Path(pattern)
    if path.is_file():
        return [path]
    if not path.is_dir() and not glob.has_magic(str(pattern)):
        raise SourceMissing(f"there is no file or folder {path}", "check the path")
    found = path.iterdir() if path.is_dir() else map(Path, glob.glob(str(pattern), recursive=True))  # noqa: PTH207 (Path.glob takes no absolute pattern)
    pictures = sorted(filter(_is_picture, found), key=natural_key)
    if not pictures:
        what = f"the folder {path} holds no picture" if path.is_dir() else f"no picture matches {pattern}"
        raise SourceMissing(what, f"pictures end in {_SUFFIX_LIST}")
    return pictures


def _passed_over(pattern: str | Path) -> list[str]:
    """A sentence on the files of a folder that are not taken for pictures; none where that goes without saying."""
    folder = Path(pattern)
    if not folder.is_dir():
        return []
    others = Counter(
        path.suffix.lower() or "no ending"
        for path in folder.iterdir()
        if path.suffix.lower() not in PICTURE_SUFFIXES | _BESIDE
        and not path.name.startswith(".")
        and path.is_file()
    )
    if not others:
        return []
    kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(others.items()))
    return [f"files in {folder} that are no pictures by their endings were left out: {kinds}"]


def natural_key(path: Path) -> list[tuple[int, int, str]]:
    """Sorts by the numbers in a path as numbers and by the rest as text, whatever the case."""
    parts = _NUMBER.split(str(path).casefold())
    numbers = [(1, int(part), part) if part.isdecimal() else (0, 0, part) for part in parts]
    return [*numbers, (0, 0, str(path))]


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".") and path.is_file()
