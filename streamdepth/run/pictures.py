"""From a spec to what is drawn: the look of depth, its renderer, and the words beside the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from streamdepth.frames import SourceInfo, is_in_time
from streamdepth.pipeline import RunStats
from streamdepth.pipeline.stills import Reuse
from streamdepth.run.control_video import grid_of
from streamdepth.run.spec import PictureSpec, RunSpec
from streamdepth.times import USUAL_RATE

if TYPE_CHECKING:
    from streamdepth.frames import DepthRange
    from streamdepth.metres.ruler import Ruler
    from streamdepth.rendering import DepthScale, HudFigures, Look, Renderer, Words
    from streamdepth.rendering.horizon import Horizon
    from streamdepth.rendering.shots import Scenes
    from streamdepth.rendering.steadied import Steadied
    from streamdepth.rendering.stream import DepthStream

AHEAD_BYTES = 40_000_000
"""Of decoded pictures that wait for what follows: 28 of 1280x720, 3 of 3840x2160; and as many of their maps."""
MAPS_WAITING = 4
"""Of float32 in the size of the network's input, that wait with a picture: its depth, and what is known after it."""


def look_of(spec: RunSpec) -> Look:
    """How depth is to be shown; raises `UsageError` for a word that there is not."""
    from streamdepth.rendering import Look
    from streamdepth.rendering.parallax import Parallax

    picture = spec.picture
    return Look(
        layout=picture.layout,
        colormap=picture.colormap,
        alpha=picture.alpha,
        invert=picture.invert,
        legend=bool(picture.legend) and not spec.only_a_window,
        cut_beyond=picture.cut_beyond,
        refine=picture.refine,
        grid=grid_of(spec),
        parallax=Parallax(picture.divergence, picture.convergence),
        focus=picture.focus,
    )


def renderer_of(
    spec: RunSpec,
    look: Look,
    info: SourceInfo,
    stats: RunStats,
    ruler: Ruler | None = None,
    span: DepthRange | None = None,
    scenes: Scenes | None = None,
) -> Renderer:
    """The renderer of the stream that `info` describes, with the `ruler` of its camera and the `span` of all of it.

    `scenes` supplies its cuts, or records those that are found.
    """
    from streamdepth.rendering import Renderer
    from streamdepth.rendering.shots import UNKNOWN

    picture = spec.picture
    shows_hud = bool(picture.hud) and not spec.only_a_window  # else the window draws it in its own size
    if info.shows_depth and look.layout == "overlay":
        look = replace(look, layout="depth")  # there is no picture to lay it over
    return Renderer(
        look=look,
        scale=_scale_of(info),
        locked=_held(spec) or span,
        stabilise=_is_steadied(spec, info),
        hud=_hud(spec, info, stats) if shows_hud else None,
        ruler=ruler,
        scenes=replace(scenes or UNKNOWN, begins=info.begins),
        horizon=horizon_of(spec, info),
    )


def horizon_of(spec: RunSpec, info: SourceInfo) -> Horizon:
    """How far is looked ahead: as long as is wanted, and no more than `AHEAD_BYTES` hold; never live."""
    from streamdepth.rendering.horizon import AT_ONCE, Horizon

    if info.live or not is_in_time(info):
        return AT_ONCE
    seconds = Fraction(spec.picture.look_ahead)
    pictures = ceil(seconds * (info.rate or USUAL_RATE))
    return Horizon(seconds, min(pictures, AHEAD_BYTES // max(info.picture_bytes, _map_bytes(spec, info))))


def _map_bytes(spec: RunSpec, info: SourceInfo) -> int:
    """About what the maps take that wait with a picture; one of a file of depth is kept as it is."""
    if info.map_size is not None:
        return 4 * info.map_size[0] * info.map_size[1]
    longer, shorter = max(info.width, info.height), min(info.width, info.height)
    return MAPS_WAITING * 4 * spec.network.size**2 * shorter // longer


def figures_ahead(spec: RunSpec, info: SourceInfo | None) -> dict[str, float]:
    """Seconds that are looked ahead in fact, for the report; nothing of what is live."""
    if info is None or info.live:
        return {}
    horizon = horizon_of(spec, info)
    seconds = min(horizon.seconds, horizon.pictures / (info.rate or USUAL_RATE))
    return {"look_ahead_seconds": round(float(seconds), 2)}


def reuse_of(picture: PictureSpec) -> Reuse:
    """Which pictures have the depth of the last one that was inferred."""
    return Reuse.STILL if picture.skip_still else Reuse.SAME


def stream_of(spec: RunSpec, info: SourceInfo, scenes: Scenes | None = None) -> DepthStream:
    """The depth side of that renderer: it comes to the same states."""
    from streamdepth.rendering.shots import UNKNOWN
    from streamdepth.rendering.stabilise.stabiliser import Stabiliser
    from streamdepth.rendering.stream import DepthStream

    stabiliser = Stabiliser() if _is_steadied(spec, info) else None
    horizon = horizon_of(spec, info)
    known = replace(scenes or UNKNOWN, begins=info.begins)
    return DepthStream(_scale_of(info), stabiliser, _held(spec), known, horizon)


def _scale_of(info: SourceInfo) -> DepthScale:
    from streamdepth.rendering import FrameRange, MovingRange

    return MovingRange() if is_in_time(info) else FrameRange()


def _held(spec: RunSpec) -> DepthRange | None:
    from streamdepth.rendering import DepthRange

    return DepthRange(*spec.picture.range) if isinstance(spec.picture.range, tuple) else None


def steadied_of(spec: RunSpec, info: SourceInfo, scenes: Scenes | None = None) -> Steadied:
    """What steadies depth as the renderer of that stream does."""
    from streamdepth.rendering.shots import UNKNOWN
    from streamdepth.rendering.steadied import Steadied

    known = replace(scenes or UNKNOWN, begins=info.begins)
    return Steadied(stabilise=_is_steadied(spec, info), scenes=known, horizon=horizon_of(spec, info))


def _is_steadied(spec: RunSpec, info: SourceInfo) -> bool:
    return spec.picture.stabilise and is_in_time(info) and info.depth is None


def words_of(spec: RunSpec, info: SourceInfo, renderer: Renderer, stats: RunStats) -> Words | None:
    """The text that a window shows beside the picture, where the window is the only output."""
    from streamdepth.rendering import Words

    if not spec.only_a_window:
        return None
    picture = spec.picture
    hud = None if picture.hud is False else _hud(spec, info, stats)
    return Words(renderer, hud, legend=picture.legend is not False)


def _hud(spec: RunSpec, info: SourceInfo, stats: RunStats) -> Callable[[], HudFigures]:
    from streamdepth.rendering import HudFigures

    def figures() -> HudFigures:
        rate, latency, dropped = stats.recent()
        pictures = stats.recent_pictures() if spec.picture.interpolate else None
        return HudFigures(rate, latency if info.live else None, dropped, pictures)

    return figures
