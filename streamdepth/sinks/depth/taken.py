"""What of the pictures of a run is stored: their maps as they came, and the facts of all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from streamdepth.depthfiles.entry import Entry, Size
from streamdepth.depthfiles.index import PIXEL_ASPECT, Range, SetFacts
from streamdepth.depthfiles.sixteen_bits import MILLIMETRES, Scale
from streamdepth.errors import SinkError
from streamdepth.frames import DepthMap, DepthMeaning, Measured, Rendered, SourceInfo
from streamdepth.sinks.depth.fitting import Fitting
from streamdepth.sinks.depth.options import DepthOptions

FORGOTTEN = "its distances were forgotten"
TOO_LATE = (
    "depth files have no metres, which became known after they were begun: name --metres from the start"
)

_FARTHEST = MILLIMETRES.high
_TOO_FAR = (
    f"{{}} farther than {_FARTHEST:.1f} m, where millimetres in 16 bits end: there it says {_FARTHEST:.1f} m "
    "(exr, npz, npy and pfm hold all metres)"
)


class Taken:
    """Takes the maps of a run that `info` describes; `range` is whose range their scale spans.

    `exact` says that values are stored as they are, and the scale is that of a copy to look at.
    """

    def __init__(self, info: SourceInfo, options: DepthOptions, range: Range, *, exact: bool = False) -> None:
        self._exact = exact
        self._info = info
        self._options = options
        self._range = range
        self._meaning: DepthMeaning | None = None
        self._withheld: Counter[str] = Counter()
        self._is_calibrated: bool | None = None
        self._too_far = 0
        """Pictures with something that is farther away than millimetres reach."""
        self._measured: Measured | None = None

    def __call__(self, rendered: Rendered) -> Entry | None:
        """What is to be stored of a picture.

        None of one that only stands in for those of a source that is away, and where the metres of a calibrated camera
        are withheld.
        """
        if rendered.is_stand_in:
            return None
        depth = self._depth(rendered)
        if depth is None:
            return None
        self._meaning = self._meaning or depth.meaning
        if self._is_in_millimetres:
            self._too_far += bool(depth.values.max() > _FARTHEST)
            # Millimetres of 0 are no reading, and one scale for all is what other programs count on.
            depth = replace(depth, values=np.clip(depth.values, 0, np.float32(_FARTHEST)))
        return Entry.of(rendered.estimate, depth)

    def _depth(self, rendered: Rendered) -> DepthMap | None:
        """In one unit from the first picture on, whatever becomes known, or is forgotten, while a file is made."""
        measured = rendered.measured
        if self._is_calibrated is None:
            self._is_calibrated = measured is not None
        if self._options.raw:
            return rendered.estimate.depth
        self._measured = measured or self._measured
        if not self._is_calibrated:
            return rendered.depth
        depth, reason = (None, FORGOTTEN) if measured is None else (measured.depth, measured.reason)
        if depth is None:
            self._withheld[reason] += 1
        return depth

    @property
    def warnings(self) -> list[str]:
        """One sentence for each reason why pictures have no metres, or pixels no millimetres."""
        lines = [f"{_counted(count, 'was')} left out: {reason}" for reason, count in self._withheld.items()]
        too_late = self._measured is not None and not self._is_calibrated
        far = [_TOO_FAR.format(_counted(self._too_far, "goes"))] if self._too_far else []
        return lines + [TOO_LATE] * too_late + far

    def check(self) -> None:
        """Raise SinkError where there were pictures, and no metres of any."""
        if self.is_empty and self._withheld:
            reason = self._withheld.most_common(1)[0][0]
            raise SinkError(
                f"no picture has depth in metres: {reason}", "take distances anew with streamdepth metres"
            )

    @property
    def is_empty(self) -> bool:
        """Whether there was none yet."""
        return self._meaning is None

    def scale(self, low: float, high: float) -> Scale:
        """The scale for values from `low` to `high`; once there is a map."""
        return MILLIMETRES if self._is_in_millimetres else Scale.spanning(low, high)

    @property
    def _is_in_millimetres(self) -> bool:
        return self._meaning is DepthMeaning.METRES and not self._exact

    def fitting(self, canvas: Size | None = None) -> Fitting:
        """How maps are brought to a size; once there is one."""
        assert self._meaning is not None
        return Fitting(self._meaning, self._options.size == "source", canvas)

    def facts(self, scale: Scale | None = None, size: Size | None = None) -> SetFacts:
        """What is said of all of them; once there is one."""
        assert self._meaning is not None
        source: dict[str, Any] = {"width": self._info.width, "height": self._info.height}
        if self._info.origin is not None:
            source["name"] = self._info.origin.name
        info = self._info
        aspect = None if info.sample_aspect == 1 else info.sample_aspect
        fractions = {"rate": info.rate, "time_base": info.time_base, PIXEL_ASPECT: aspect}
        for name, value in fractions.items():
            if value is not None:
                source[name] = f"{value.numerator}/{value.denominator}"
        origin = {"steadied": not self._options.raw, "source": source, **self._options.origin()}
        if self._measured is not None and self._is_calibrated:
            origin["distances"] = {"points": self._measured.points, "within": self._measured.error}
        return SetFacts(self._meaning, self._range, scale, size, origin, is_exact=self._exact)


def _counted(count: int, does: str) -> str:
    return f"the depth of {'a picture' if count == 1 else f'{count} pictures'} {does}"
