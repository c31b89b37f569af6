"""What a run imports when it comes to it, imported before it begins."""

from __future__ import annotations

from importlib import import_module

from streamdepth.run.spec import RunSpec

_LIVE = ("streamdepth.live.encoder",)
_PAGE = ("streamdepth.viewers.sink", "streamdepth.run.zone_events")


def import_for(spec: RunSpec) -> None:
    """Import what this run needs most; what is not among it is imported later on."""
    wanted = ["streamdepth.engine", "streamdepth.rendering"]
    wanted += _LIVE if spec.goes_out_live else ()
    wanted += _PAGE if spec.serves_web else ()
    for module in wanted:
        import_module(module)
