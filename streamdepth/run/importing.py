"""What a run imports when it comes to it, imported before it begins."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

from streamdepth.run.spec import RunSpec

_LIVE = ("streamdepth.live.encoder",)
_OF_MDNS = "dns"
"""What reads names of the local network: aioice imports it for the browsers that hide their address behind one."""
_PAGE = ("streamdepth.viewers.sink", "streamdepth.run.outputs.zone_events")


def import_for(spec: RunSpec) -> None:
    """Import what this run needs most; what is not among it is imported later on."""
    wanted = ["streamdepth.engine", "streamdepth.rendering"]
    wanted += _LIVE if spec.goes_out_live else ()
    wanted += _PAGE if spec.serves_web else ()
    with _when_used(_OF_MDNS):
        for module in wanted:
            import_module(module)


@contextmanager
def _when_used(package: str) -> Iterator[None]:
    """Within it the modules of a package are loaded when they are first used, not when they are imported."""
    finder = _WhenUsed(package)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _WhenUsed(MetaPathFinder):
    def __init__(self, package: str) -> None:
        self._inside = f"{package}."

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The usual place of a module of that package, with a loader that waits."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname.startswith(self._inside) else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
