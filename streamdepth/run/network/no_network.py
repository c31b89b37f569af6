"""The engine of a run whose pictures bring their depth along: there is nothing to infer."""

from __future__ import annotations

from collections.abc import Sequence

from streamdepth.errors import ModelError
from streamdepth.frames import DepthMap
from streamdepth.pixels import BGRImage, Picture


class NoNetwork:
    """Stands where a network would; the pipeline takes the depth of the frames and never asks it."""

    @property
    def lanes(self) -> Sequence[NoNetwork]:
        """Itself."""
        return (self,)

    def warm_up(self, width: int, height: int) -> None:
        """There is nothing to compile."""

    def estimate(self, image: BGRImage) -> DepthMap:
        """Raise `ModelError`: there is no depth of a picture that brings none."""
        raise ModelError("this input has a picture without depth", "write its depth again")

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """As `estimate`."""
        return self.estimate(picture.bgr)
