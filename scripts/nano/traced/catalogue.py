"""What the furniture libraries of Sweet Home 3D hold: models with true sizes, their licences and authors."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError

LIBRARIES = Path("/usr/share/sweethome3d/furniture")
"""Where Debian's package `sweethome3d-furniture` puts them."""
_LICENCES = {"BlendSwap-CC-0": "CC0 1.0", "KatorLegaz": "CC BY 3.0 US", "Reallusion": "CC BY 3.0 US"}
_LINE = re.compile(r"(\w+)#(\d+)=(.*)")
_LIST = "PluginFurnitureCatalog.properties"


@dataclass(frozen=True, eq=False)
class Entry:
    """One model; lengths in metres, y is up, its front looks along +z."""

    name: str
    """Library and model, such as `Scopia/bed1`."""
    title: str
    category: str
    creator: str
    licence: str
    library: Path
    member: str
    """The OBJ file inside the library."""
    size: tuple[float, float, float]
    """Width (x), height (y), depth (z)."""
    elevation: float
    """Height of its lower end above the floor, where it hangs or stands by nature."""
    top: float | None
    """Height above its lower end on which things can stand; None where nothing can."""
    turn: NDArray[np.float64]
    """(3, 3): brings the model upright."""
    light: tuple[float, float, float] | None
    """Where its light comes from, from the middle of its lower end; None where it is no lamp."""


@cache
def entries() -> dict[str, Entry]:
    """All models by name. Raises `UsageError` where the libraries are not installed."""
    found = {entry.name: entry for path in sorted(LIBRARIES.glob("*.sh3f")) for entry in _library(path)}
    if not found:
        raise UsageError(
            f"there are no furniture models in {LIBRARIES}",
            "install Debian's package sweethome3d-furniture",
        )
    return found


def _library(path: Path) -> Iterator[Entry]:
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    with zipfile.ZipFile(path) as archive:
        for line in archive.read(_LIST).decode("latin1").splitlines():
            if match := _LINE.fullmatch(line.strip()):
                rows[match[2]][match[1]] = match[3]
    return (_entry(path, row) for row in rows.values())


def _entry(path: Path, row: dict[str, str]) -> Entry:
    width, height, depth = (float(row[key]) / 100 for key in ("width", "height", "depth"))
    drop = float(row.get("dropOnTopElevation", row["height"]))
    light = None
    if "lightSourceX" in row:
        x, y, z = (float(row[f"lightSource{axis}"].split()[0]) / 100 for axis in "XYZ")
        light = (x - width / 2, z, depth / 2 - y)
    turn = (
        np.array(row["modelRotation"].split(), float).reshape(3, 3) if "modelRotation" in row else np.eye(3)
    )
    return Entry(
        name=f"{path.stem}/{Path(row['model']).stem}",
        title=row["name"],
        category=row["category"],
        creator=row["creator"],
        licence=_LICENCES.get(path.stem, "CC BY 3.0"),
        library=path,
        member=row["model"].lstrip("/"),
        size=(width, height, depth),
        elevation=float(row.get("elevation", 0)) / 100,
        top=drop / 100 if drop > 0 else None,
        turn=turn,
        light=light,
    )
