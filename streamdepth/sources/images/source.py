"""Pictures as a source: one image, a folder of them, or a pattern."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from fractions import Fraction
from pathlib import Path

from streamdepth.errors import SourceError, Trouble
from streamdepth.frames import Frame, SourceInfo
from streamdepth.imaging.exif import kept_exif
from streamdepth.pixel_limit import USUAL, PixelLimit
from streamdepth.pixels import Picture
from streamdepth.sources.images.image_file import ImageFile, read_image
from streamdepth.sources.images.picture_files import find_pictures, left_out

_READ_TIMEOUT = 30.0


class StillSource:
    """Every picture once, in natural order (img2 before img10), each in its own size and upright.

    `pictures` is what `find_pictures` takes, or the files themselves. One image that cannot be read is a
    SourceError; among several it is skipped, counted in `skipped` and listed in `warnings`, unless their disk or folder
    is gone. The timestamp of a picture is its index in seconds, or with a `rate`, pictures a second, its index divided
    by that.
    """

    def __init__(
        self,
        pictures: str | Path | list[Path],
        limit: PixelLimit = USUAL,
        *,
        rate: Fraction | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        paths = pictures if isinstance(pictures, list) else find_pictures(pictures)
        self._skipped: set[Path] = set()
        self.warnings: list[str] = [] if isinstance(pictures, list) else left_out(pictures)
        """One sentence for each picture that was skipped, or of which something was left out."""
        self._alone = len(paths) == 1
        self._limit = limit
        self._paths = paths
        self._clock = clock
        self._index = 0
        self._step = Fraction(1) if rate is None else 1 / rate
        """Seconds from one picture to the next."""
        self._images = self._readable(paths)
        self._pending = next(self._images, None)
        if self._pending is None:
            raise SourceError("none of the pictures can be read", "; ".join(self.warnings[:3]))
        height, width = self._pending[1].image.shape[:2]
        self._info = SourceInfo(
            width,
            height,
            rate=rate,
            live=False,
            read_timeout=_READ_TIMEOUT,
            kind="image",
            time_base=self._step,
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
        path, file = current
        index, self._index = self._index, self._index + 1
        pts, exif = index * self._step, kept_exif(file.head.exif)
        return Frame(index, pts, self._clock(), Picture.of_bgr(file.image), path.name, exif=exif)

    @property
    def length(self) -> Fraction:
        """Seconds of all pictures."""
        return len(self._paths) * self._step

    def seek(self, position: Fraction) -> None:
        """Go on with the picture at `position`, or with the last one."""
        self._images.close()
        self._index = min(int(position / self._step), len(self._paths) - 1)
        self._images = self._readable(self._paths[self._index :])
        self._pending = None

    def close(self) -> None:
        """Nothing stays open between pictures."""
        self._pending = None
        self._images.close()

    def _readable(self, paths: list[Path]) -> Generator[tuple[Path, ImageFile]]:
        for path in paths:
            try:
                file = read_image(path, self._limit)
            except SourceError as error:
                if self._alone or error.trouble is Trouble.BROKE_OFF or not path.parent.is_dir():
                    raise  # the others are there, too
                self._skipped.add(path)
                self._note(f"{error.what}; it was skipped")
                continue
            for note in file.notes:
                self._note(note)
            yield path, file

    def _note(self, sentence: str) -> None:
        if sentence not in self.warnings:  # a viewer may come to the same picture again
            self.warnings.append(sentence)
