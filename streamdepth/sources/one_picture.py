"""One picture of a film, as a photo is: there is nothing before it and nothing after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from streamdepth.frames import Frame, SourceInfo
from streamdepth.protocols import Source, warnings_of


class OnePicture:
    """The next picture of a source, and no other."""

    def __init__(self, source: Source) -> None:
        """Takes over the source."""
        self._source = source
        self._is_given = False
        self._info = replace(
            source.info, kind="image", rate=None, frame_count=1, recording=None, has_sound=False
        )

    @property
    def info(self) -> SourceInfo:
        """That of the source, for one image."""
        return self._info

    @property
    def warnings(self) -> Sequence[str]:
        """What the source has to say."""
        return warnings_of(self._source)

    def read(self) -> Frame | None:
        """The picture, then None; raises as the source does."""
        if self._is_given:
            return None
        self._is_given = True
        return self._source.read()

    def close(self) -> None:
        """Release the source."""
        self._source.close()
