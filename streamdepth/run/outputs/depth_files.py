"""From a spec to depth as numbers: how it is written, and what its index says of where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from streamdepth.frames import SourceInfo
from streamdepth.reporting.events import Observe, Said
from streamdepth.reporting.report import EngineFacts
from streamdepth.run.spec import RunSpec

if TYPE_CHECKING:
    from streamdepth.depthfiles.spool_file import SpoolFile
    from streamdepth.sinks.depth.options import DepthOptions


def depth_options(
    spec: RunSpec,
    observe: Observe,
    info: SourceInfo,
    engine: Callable[[], EngineFacts | None],
    is_stopped: Callable[[], bool],
    spool: SpoolFile | None = None,
) -> DepthOptions:
    """How depth is to be written; `engine` is asked when there is depth of it, and it waits in `spool`, if anywhere."""
    from streamdepth.sinks.depth.options import DepthOptions

    wanted = spec.depth
    return DepthOptions(
        raw=wanted.depth_raw,
        size=wanted.depth_size,
        range=wanted.depth_range,
        format=wanted.depth_format,
        fov=wanted.fov,
        camera=spec.input.called or "camera",
        origin=lambda: _origin(spec, engine()) if info.depth is None else info.depth,
        is_stopped=is_stopped,
        notify=lambda line: observe(Said(line)),
        spool=spool,
    )


def _origin(spec: RunSpec, engine: EngineFacts | None) -> Mapping[str, Any]:
    from streamdepth import __version__

    steadied = spec.picture.stabilise and not spec.depth.depth_raw
    settings: dict[str, Any] = {"size": spec.network.size, "stabilise": steadied}
    if engine is None:
        return {"streamdepth_version": __version__, "settings": settings}
    model = {"name": engine.name, "sha256": engine.sha256}
    settings |= {"engine": engine.runtime_name, "precision": engine.precision}
    return {"streamdepth_version": __version__, "model": model, "settings": settings}
