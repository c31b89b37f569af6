"""Pictures on disk: encoding, and where each frame's files go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import NameRefused, SinkError, UsageError
from streamdepth.files import check_output_folder, disk_errors, flush, resolved, sibling, write_together
from streamdepth.frames import SourceInfo

JPEG_QUALITY = 95
TOGETHER = 2000
"""Files that are brought to disk in one go: paths of all files of a long film would be much memory."""
_INDEX = re.compile(r"\d{6,}")
_AGAIN = re.compile(r"-\d+$")
"""What a second picture of one name gets."""


def encode(image: NDArray[Any], suffix: str) -> bytes:
    """The file content of an (H, W, 3) uint8 BGR or (h, w) uint16 `image` in the format of `suffix`.

    Raises SinkError where the format cannot hold the picture (WebP ends at sides of 16383 pixels).
    """
    settings = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if suffix.lower() in {".jpg", ".jpeg"} else []
    try:
        done, data = cv2.imencode(suffix, image, settings)
    except cv2.error as error:
        raise _not_encodable(image, suffix) from error
    if not done:
        raise _not_encodable(image, suffix)
    return bytes(np.asarray(data, dtype=np.uint8))


class Named(Protocol):
    """What a file is named by."""

    @property
    def index(self) -> int:
        """Counts the frames of a source."""

    @property
    def name(self) -> str:
        """Of the file that it came from, or empty."""


class PictureFile:
    """The place of one picture, with files of other `suffixes` beside it.

    Raises UsageError where the source is not one picture or is this file itself; SinkError where the file could not
    be written.
    """

    def __init__(self, path: Path, info: SourceInfo, suffixes: Sequence[str]) -> None:
        if info.kind != "image" or info.frame_count != 1:
            raise UsageError(
                f"{path} holds one picture and the input is not one picture",
                "name a folder, or add --frames 1",
            )
        check_output_folder(resolved(path))
        refuse_same(path, info.origin)
        self._path = path
        self._beside = suffixes[1:]
        self._given = False
        self.warnings: tuple[str, ...] = ()

    @contextmanager
    def entry(self, frame: Named) -> Iterator[list[Path]]:
        """The files for the one frame; raises SinkError for a second."""
        if self._given:
            raise SinkError(
                f"{self._path} holds one picture and frame {frame.index} came too", "name a folder"
            )
        self._given = True
        yield [self._path, *(sibling(self._path, suffix) for suffix in self._beside)]

    def put(self, *files: tuple[Path, bytes]) -> None:
        """Write the files of an entry, which appear whole and together. Raises DiskFull or SinkError."""
        write_together(*files)

    def close(self) -> None:
        """All is on disk already."""


class PictureFolder:
    """A folder with an entry per frame: `street.jpg` becomes `street.png`, a frame without a name `000123.png`.

    An entry has a file of each of `suffixes`. The folder is made with the first entry; its parent must be there.
    `a.jpg` and `a.png` get entries of their own, also where the file system does not distinguish `a` from `A`.
    `reserved` are stems, lower case, that no entry gets. Raises SinkError where the folder could not be written,
    UsageError where it is the input's own.
    """

    def __init__(
        self, path: Path, info: SourceInfo, suffixes: Sequence[str], *, reserved: Sequence[str] = ()
    ) -> None:
        if path.exists() and not path.is_dir():
            raise SinkError(f"{path} is a file", "name a folder, or a file with a suffix")
        check_output_folder(path / "picture" if path.is_dir() else path)
        if info.kind == "image" and info.origin is not None:
            refuse_same(path, info.origin if info.origin.is_dir() else info.origin.parent)
        self._path = path
        self._suffixes = suffixes
        self._taken = set(reserved)
        self._written: list[Path] = []
        self._refused: list[NameRefused] = []
        self._is_empty = True

    @property
    def warnings(self) -> list[str]:
        """One sentence for each frame that was left out because its name does not go here."""
        return [f"{error.what}; it was left out of {self._path}" for error in self._refused]

    @contextmanager
    def entry(self, frame: Named) -> Iterator[list[Path]]:
        """The files for `frame`, none of them given out before; a name that does not go costs this frame alone."""
        with disk_errors(self._path):
            self._path.mkdir(exist_ok=True)
        stem = self._unused(Path(frame.name).stem or f"{frame.index:06d}")
        try:
            yield [self._path / f"{stem}{suffix}" for suffix in self._suffixes]
        except NameRefused as error:
            self._refused.append(error)
        else:
            self._is_empty = False

    def put(self, *files: tuple[Path, bytes]) -> None:
        """Write the files of an entry, which appear whole and together. Raises DiskFull or SinkError."""
        write_together(*files, flushed=False)
        self._written += [path for path, _data in files]
        if len(self._written) >= TOGETHER:
            self._flush()

    def close(self) -> None:
        """Bring all of them to disk together: one by one that takes several times as long as drawing them.

        Raises NameRefused where not one frame could be written.
        """
        self._flush()
        if self._is_empty and self._refused:
            raise self._refused[0]

    def _flush(self) -> None:
        written, self._written = self._written, []
        flush(written)

    def _unused(self, stem: str) -> str:
        candidate, number = stem, 1
        while candidate.casefold() in self._taken:
            number += 1
            candidate = f"{stem}-{number}"
        self._taken.add(candidate.casefold())
        return candidate


class PlacedSink:
    """What is the same of all sinks that write to the place of a picture, or to a folder of them."""

    def __init__(self, place: PictureFile | PictureFolder) -> None:
        self._place = place

    @property
    def warnings(self) -> Sequence[str]:
        """One sentence for each frame of a folder whose name the disk does not take."""
        return self._place.warnings

    def close(self, *, complete: bool = True) -> None:
        """Bring to disk what is not yet there; between frames nothing is open, and none is unfinished."""
        self._place.close()


def may_hold(name: str, suffixes: Sequence[str], stems: Sequence[str]) -> bool:
    """Whether a `PictureFolder` with these suffixes may come to write `name`, for frames that are named `stems`."""
    path = Path(name.casefold())
    if path.suffix not in suffixes:
        return False
    if _INDEX.fullmatch(path.stem):
        return True
    own = {stem.casefold() for stem in stems}
    return path.stem in own or _AGAIN.sub("", path.stem) in own


def picture_place(
    path: Path, info: SourceInfo, suffixes: Sequence[str], *, accepted: Sequence[str]
) -> PictureFile | PictureFolder:
    """The file that `path` names, or the folder: what is one, or has no suffix.

    `suffixes` are those of an entry in a folder; `accepted` are those of a single file, lower case.
    Raises UsageError or SinkError where nothing could be written there.
    """
    with disk_errors(path):
        is_folder = path.is_dir() or not path.suffix
    if is_folder:
        return PictureFolder(path, info, suffixes)
    if path.suffix.lower() not in accepted:
        raise UsageError(
            f"{path} is of an unknown kind", f"choose from {' '.join(accepted)}, or name a folder"
        )
    return PictureFile(path, info, suffixes)


def refuse_same(output: Path, source: Path | None) -> None:
    """Raise UsageError where an output is the input itself."""
    if source is not None and output.exists() and source.exists() and output.samefile(source):
        raise UsageError(f"the output {output} is where the input is", "give the output another name")


def _not_encodable(image: NDArray[Any], suffix: str) -> SinkError:
    height, width = image.shape[:2]
    return SinkError(f"a picture of {width}x{height} cannot be written as {suffix}", "choose .png")
