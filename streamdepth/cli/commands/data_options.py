"""The words that say what an RGB-D folder holds: for every command that reads one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from streamdepth.run.places import Place, network_files, reads
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.depthfiles.units import DepthUnit
    from streamdepth.evaluation.rgbd import RgbdPair

DATA = Group("Data", sort_key=1)


def _data(help: str) -> Parameter:
    return Parameter(group=DATA, help=help, show_default=False, negative=())


@Parameter(name="*")
@dataclass(frozen=True)
class DataOptions:
    """How colour and depth are named, and what the numbers of depth count."""

    layout: Annotated[
        Literal["auto", "folder", "nyuv2", "kitti", "diode", "tum", "hypersim", "vkitti", "scannet"],
        _data("How files are named (default auto)."),
    ] = "auto"
    depth_kind: Annotated[
        Literal["metres", "millimetres", "inverse"] | None,
        _data("Unit of the stored depth (default: by layout, else whole numbers are millimetres)."),
    ] = None
    depth_scale: Annotated[
        float | None, _data("Stored values are divided by this: 256 with metres for KITTI.")
    ] = None

    def unit(self) -> DepthUnit | None:
        """The unit that was asked for; None leaves it to the layout. Raises `UsageError` for an odd scale."""
        from streamdepth.depthfiles.units import DepthKind, DepthUnit

        if self.depth_kind is None and self.depth_scale is None:
            return None
        scale = 1.0 if self.depth_scale is None else self.depth_scale
        return DepthUnit(DepthKind(self.depth_kind or "metres"), scale)

    def find(self, root: Path) -> list[RgbdPair]:
        """The pairs below `root`; raises as `find_pairs`."""
        from streamdepth.evaluation.rgbd import find_pairs

        return find_pairs(root, self.layout, self.unit())


def places_read(data: Path, pairs: Sequence[RgbdPair], model: str, config: Path | None) -> Iterator[Place]:
    """What a command reads that works on a folder of pairs."""
    files = ((pair.colour, pair.depth, pair.mask) for pair in pairs)
    yield from reads("DATA", data, *(file for three in files for file in three if file is not None))
    yield from reads("--model", *network_files(model))
    yield from reads("--config", *([config] if config is not None else ()))
