"""Pictures with their true depth: pairs of files found in a folder, and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.pictures import read_colour
from streamdepth.depthfiles.read import DEPTH_SUFFIXES, read_depth, read_values
from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.errors import SourceError, SourceMissing, UsageError
from streamdepth.evaluation.time_stamps import LISTS, listed_pairs, nearest_pairs, stamp_of
from streamdepth.imaging.scaling import are_of_one_shape
from streamdepth.pixels import BGRImage
from streamdepth.values import dataclass

COLOUR_SUFFIXES = (".png", ".jpg", ".jpeg", ".ppm", ".bmp", ".webp", ".tif", ".tiff")
"""Of the files that colour is read from, lower case."""


@dataclass(frozen=True)
class RgbdPair:
    """The files of one picture."""

    colour: Path
    depth: Path
    mask: Path | None = None
    """Not 0 where depth is a reading."""
    unit: DepthUnit | None = None
    """Of the depth; None: whole numbers are millimetres and others metres."""


Rgbd = tuple[BGRImage, NDArray[np.float32], NDArray[np.bool_]]
"""Colour (H, W, 3) uint8 BGR, depth (h, w) float32 in metres, and where it is a reading, (h, w)."""


class _Role(Enum):
    COLOUR = auto()
    DEPTH = auto()
    MASK = auto()


_Name = tuple[_Role, str]
"""What a file is, and a key that the files of one picture share."""


@dataclass(frozen=True)
class _Layout:
    """How a data set names its files."""

    name_of: Callable[[str], _Name | None]
    """From a path below the root, without its suffix."""
    unit: DepthUnit | None = None
    depth_suffixes: tuple[str, ...] = DEPTH_SUFFIXES
    by_time: bool = False
    """Whether colour and depth have names of their own, and are paired by the time in them or by a list."""


def find_pairs(root: Path, layout: str = "auto", unit: DepthUnit | None = None) -> list[RgbdPair]:
    """Every picture with depth below `root`, in the order of their names (2 before 10).

    `layout` is one of `LAYOUTS`. `unit` overrides what the layout says of the depth files. Raises `UsageError` for
    an unknown layout, `SourceMissing` where there is no such folder, and `SourceError` where no two files belong
    together or three do.
    """
    if layout not in LAYOUTS:
        raise UsageError(f"there is no layout '{layout}'", f"there are {', '.join(LAYOUTS)}")
    files = _files_below(root)
    chosen = _recognise(root, files) if layout == "auto" else _LAYOUTS[layout]
    pairs = list(_join(root, files, chosen, unit or chosen.unit))
    if not pairs:
        raise _no_pairs(root, files, layout)
    return pairs


def load_pair(pair: RgbdPair) -> Rgbd:
    """Colour, depth in metres (0 where there is no reading), and where it is one.

    Depth may be of another size than colour (ScanNet), never of another shape. Raises `SourceError` where a file
    cannot be read, the sizes do not match, or there is no reading at all.
    """
    colour = read_colour(pair.colour)
    depth = read_depth(pair.depth, pair.unit)
    if pair.mask is not None:
        depth = np.where(_read_mask(pair.mask, depth.shape), depth, np.float32(0))
    _check_sizes(pair, colour, depth)
    valid = depth > 0
    if not valid.any():
        raise SourceError(f"{pair.depth} has no reading: every pixel is 0 or missing", "take the picture out")
    return colour, depth, valid


def resize_depth(depth: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """(H, W) depth as (h, w), `size` being (w, h): the nearest reading, as a mean of two would be of neither."""
    return np.asarray(cv2.resize(depth, size, interpolation=cv2.INTER_NEAREST_EXACT), np.float32)


def _files_below(root: Path) -> list[Path]:
    try:
        if not root.exists():
            raise SourceMissing(f"there is no folder {root}", "check the path")
        if not root.is_dir():
            raise SourceError(f"{root} is not a folder", "name the folder of the data set")
        visible = (path for path in root.rglob("*") if not path.name.startswith("."))
        return sorted((path for path in visible if path.is_file()), key=_natural)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"{root} cannot be read: {error.strerror}", "check its permissions") from error


def _natural(path: Path) -> list[tuple[int, str]]:
    """A sort key: numbers in a name count as numbers."""
    parts = re.split(r"(\d+)", path.as_posix())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _no_pairs(root: Path, files: list[Path], layout: str) -> SourceError:
    what = f"{root} holds no pairs of colour and depth" + (
        "" if layout == "auto" else f" in the layout {layout}"
    )
    named = (path for path in files if path.suffix.lower() in _NO_DEPTH)
    for path in named:
        name = _general_name(path.relative_to(root).with_suffix("").as_posix())
        if name[0] is _Role.DEPTH or "depth" in path.stem:
            why = _NO_DEPTH[path.suffix.lower()]
            return SourceError(f"{what}: {path.name} {why}", f"save depth as {', '.join(DEPTH_SUFFIXES)}")
    return SourceError(what, "name them a.png and a_depth.png, or see docs/guide/evaluation.md")


def _join(root: Path, files: list[Path], layout: _Layout, unit: DepthUnit | None) -> Iterator[RgbdPair]:
    if layout.by_time:
        for colour, depth in _in_time(root, files, layout):
            yield RgbdPair(colour, depth, None, unit)
        return
    found: dict[_Name, list[Path]] = {}
    for name, path in _named(root, files, layout):
        found.setdefault(name, []).append(path)
    for (role, key), colours in found.items():
        depths, masks = found.get((_Role.DEPTH, key)), found.get((_Role.MASK, key))
        if role is _Role.COLOUR and depths:
            yield RgbdPair(_only(colours), _only(depths), _only(masks) if masks else None, unit)


def _in_time(root: Path, files: list[Path], layout: _Layout) -> Iterable[tuple[Path, Path]]:
    """The pairs of a list where there is one, else those that were taken at nearly the same time."""
    listed = list(dict.fromkeys(listed_pairs(files)))  # two lists of one set say the same
    if listed:
        return listed
    roles: dict[_Role, list[Path]] = {role: [] for role in _Role}
    for (role, _), path in _named(root, files, layout):
        roles[role].append(path)
    return nearest_pairs(roles[_Role.COLOUR], roles[_Role.DEPTH])


def _only(files: list[Path]) -> Path:
    if len(files) > 1:
        raise SourceError(f"{files[0]} and {files[1]} are of the same picture", "take one of them out")
    return files[0]


def _named(root: Path, files: list[Path], layout: _Layout) -> Iterator[tuple[_Name, Path]]:
    for path in files:
        name = layout.name_of(path.relative_to(root).with_suffix("").as_posix())
        if name is not None:
            suffixes = COLOUR_SUFFIXES if name[0] is _Role.COLOUR else layout.depth_suffixes
            if path.suffix.lower() in suffixes:
                yield name, path


_FOLDERS = re.compile(r"(^|/)(?:(rgb|colou?rs?|images?)|(depths?|depth_mm))(?=/)", re.IGNORECASE)
_COLOUR_WORD = re.compile(
    r"(^|/)(?:rgb|colou?r)_(?=[^/]+$)|(^|/)(?:rgb|image|colou?r)(?=\d+$)|[_.-](?:rgb|colou?rs?)$",
    re.IGNORECASE,
)
_DEPTH_WORD = re.compile(
    r"(^|/)(?:sync_)?depth_(?:mm_)?(?=[^/]+$)|(^|/)(?:depth|z)(?=\d+$)|[_.-]depth$", re.IGNORECASE
)
_MASK_WORD = re.compile(r"_depth_mask$", re.IGNORECASE)


def _general_name(stem: str) -> _Name:
    """`rgb/7` with `depth/7`, `color_7` with `depth_mm_7`, `7` with `7_depth` and `7_depth_mask`."""
    key = _FOLDERS.sub(r"\1*", stem)
    if _MASK_WORD.search(key):
        return _Role.MASK, _MASK_WORD.sub("", key)
    if _DEPTH_WORD.search(key) or any(match[3] for match in _FOLDERS.finditer(stem)):
        return _Role.DEPTH, _DEPTH_WORD.sub(_before, key)
    return _Role.COLOUR, _COLOUR_WORD.sub(_before, key)


def _before(match: re.Match[str]) -> str:
    """What stands before a word: nothing, or the slash of its folder."""
    return match[1] or match[2] or ""


_KITTI_NAMES = (
    (_Role.DEPTH, re.compile(r"(?:(?:.*/)?([^/]+)/)?proj_depth/groundtruth/(image_\d+)/(\d+)")),
    (_Role.COLOUR, re.compile(r"(?:(?:.*/)?([^/]+)/)?(image_\d+)/data/(\d+)")),
    (_Role.DEPTH, re.compile(r"(?:.*/)?groundtruth_depth/(.+)_groundtruth_depth_(\d+)_(image_\d+)")),
    (_Role.COLOUR, re.compile(r"(?:.*/)?image/(.+)_image_(\d+)_(image_\d+)")),
)


def _kitti_name(stem: str) -> _Name | None:
    """By drive, camera and frame: colour and depth come in trees of their own. Also the cropped validation set."""
    for role, pattern in _KITTI_NAMES:
        match = pattern.fullmatch(stem)
        if match:
            return role, "/".join(part or "" for part in match.groups())
    return None


_HYPERSIM = re.compile(r"(?:(.*/)?)(?:frame)\.(\d+)\.(tonemap|depth_meters)")
_HYPERSIM_FOLDERS = re.compile(r"_(?:final_preview|geometry_hdf5)(?=/)")


def _hypersim_name(stem: str) -> _Name | None:
    """`frame.7.tonemap` with `frame.7.depth_meters`, in one folder or in those of the data set."""
    match = _HYPERSIM.fullmatch(_HYPERSIM_FOLDERS.sub("", stem))
    if match is None:
        return None
    return _Role.COLOUR if match[3] == "tonemap" else _Role.DEPTH, f"{match[1] or ''}{match[2]}"


_VIRTUAL_KITTI = re.compile(r"(.*/)?frames/(rgb|depth)/(Camera_\d+)/(?:rgb|depth)_(\d+)")


def _virtual_kitti_name(stem: str) -> _Name | None:
    """`frames/rgb/Camera_0/rgb_7` with `frames/depth/Camera_0/depth_7`."""
    match = _VIRTUAL_KITTI.fullmatch(stem)
    if match is None:
        return None
    role = _Role.COLOUR if match[2] == "rgb" else _Role.DEPTH
    return role, f"{match[1] or ''}{match[3]}/{match[4]}"


def _stamped_name(stem: str) -> _Name | None:
    """`rgb/1305031102.175304` and `depth/1305031102.160407`: the folder says what a file is."""
    folder = stem.rpartition("/")[0].rpartition("/")[2]
    role = {"rgb": _Role.COLOUR, "depth": _Role.DEPTH}.get(folder)
    is_stamp = stamp_of(Path(f"{stem}.png")) is not None
    return None if role is None or not is_stamp else (role, stem)


def _recognise(root: Path, files: list[Path]) -> _Layout:
    """Data sets whose depth means something of its own, by their names; the others by the general rules."""
    if any(path.name in LISTS for path in files):
        return _LAYOUTS["tum"]
    for known in ("kitti", "vkitti", "hypersim", "tum"):
        if any(name[0] is _Role.DEPTH for name, _ in _named(root, files, _LAYOUTS[known])):
            return _LAYOUTS[known]
    return _LAYOUTS["folder"]


def _read_mask(path: Path, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    values = read_values(path)
    if values.shape != shape:
        raise SourceError(
            f"{path} is {values.shape} and its depth {shape}", "a mask must have the depth's size"
        )
    return np.asarray(values > 0)


def _check_sizes(pair: RgbdPair, colour: BGRImage, depth: NDArray[np.float32]) -> None:
    (height, width), (h, w) = colour.shape[:2], depth.shape
    if not are_of_one_shape((width, height), (w, h)):
        raise SourceError(
            f"{pair.colour} is {width}x{height} and {pair.depth} {w}x{h}: they do not show the same",
            "depth must be registered to colour",
        )


_NO_DEPTH = {
    ".jpg": "is a JPEG, which keeps no depth: 8 bits, and not exact",
    ".jpeg": "is a JPEG, which keeps no depth: 8 bits, and not exact",
    ".hdf5": "is HDF5, which is not supported",
    ".h5": "is HDF5, which is not supported",
    ".mat": "is a file of MATLAB, which is not supported",
}
"""Endings of what bears the name of depth and cannot be taken for it."""
_MILLIMETRES = DepthUnit(DepthKind.MILLIMETRES)
_LAYOUTS = {
    "folder": _Layout(_general_name),
    "nyuv2": _Layout(_general_name, _MILLIMETRES, (".png",)),
    "kitti": _Layout(_kitti_name, DepthUnit(DepthKind.METRES, 256), (".png",)),
    "diode": _Layout(_general_name, DepthUnit(DepthKind.METRES), (".npy",)),
    "tum": _Layout(_stamped_name, DepthUnit(DepthKind.METRES, 5000), (".png",), by_time=True),
    "hypersim": _Layout(_hypersim_name, DepthUnit(DepthKind.METRES), (".npy", ".npz", ".exr")),
    "vkitti": _Layout(_virtual_kitti_name, DepthUnit(DepthKind.METRES, 100), (".png",)),
    "scannet": _Layout(_general_name, _MILLIMETRES, (".png", ".pgm")),
}
LAYOUTS = ("auto", *_LAYOUTS)
"""Names that `find_pairs` takes."""
