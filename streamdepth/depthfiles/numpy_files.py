"""Depth as a NumPy array, or in an archive of arrays."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from streamdepth.depthfiles.clip import Clip
from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.values import DAMAGED, Plane, Values
from streamdepth.errors import SourceError

FACTS = "streamdepth"
"""The array of bytes in an archive that is the JSON of an index."""
_BROKEN = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    RuntimeError,
)
"""What NumPy and zipfile raise of an archive that is damaged; a RuntimeError of one that is locked by a password
or, as a NotImplementedError is one, packed in some other way."""


def read_npy(path: Path, data: bytes) -> Values:
    """The array; raises `SourceError` also for one of Python objects."""
    loaded = _loaded(path, data)
    if not isinstance(loaded, np.ndarray):
        raise SourceError(f"{path} is an archive, not an array", "name it .npz")
    return loaded


def read_npz(path: Path, data: bytes) -> Values:
    """The array named `depth`, or the only one; raises `SourceError`."""
    archive = _loaded(path, data)
    if isinstance(archive, np.ndarray):
        return archive
    names = list(archive)
    if "depth" not in names and len(names) != 1:
        raise SourceError(f"{path} holds {', '.join(names) or 'nothing'}", "name the array of depth 'depth'")
    try:
        return np.asarray(archive["depth" if "depth" in names else names[0]])
    except _BROKEN as error:
        raise _no_array(path) from error


def _loaded(path: Path, data: bytes) -> Any:
    try:
        return np.load(BytesIO(data), allow_pickle=False)
    except _BROKEN as error:
        raise _no_array(path) from error


def _no_array(path: Path) -> SourceError:
    return SourceError(f"{path} is not a NumPy file of numbers, or it is damaged", DAMAGED)


def write_npy(plane: Plane) -> bytes:
    """The values of one map."""
    file = BytesIO()
    np.save(file, plane.values, allow_pickle=False)
    return file.getvalue()


def write_npz(plane: Plane) -> bytes:
    """The values of one map as `depth`, with what they mean."""
    file = BytesIO()
    facts = np.frombuffer(json.dumps(plane.facts).encode(), np.uint8)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        _add(archive, "depth", plane.values)
        _add(archive, FACTS, facts)
    return file.getvalue()


def write_npy_clip(file: BinaryIO, clip: Clip) -> None:
    """An array (N, h, w) float32, one map after the other, of which none is kept in memory."""
    head = {"descr": "<f4", "fortran_order": False, "shape": (clip.count, clip.size[1], clip.size[0])}
    np.lib.format.write_array_header_1_0(file, head)
    for entry in clip.entries:
        file.write(np.ascontiguousarray(entry.values, "<f4").tobytes())


def write_npz_clip(file: BinaryIO, clip: Clip) -> None:
    """`depth` (N, h, w) float32; `pts_numerator`, `pts_denominator` and `index` (N,) int64; and what it all means."""
    times: list[tuple[int, int, int]] = []

    def noting_times() -> Iterator[Entry]:
        for entry in clip.entries:
            times.append((entry.pts.numerator, entry.pts.denominator, entry.index))
            yield entry

    # Level 1: a map takes a quarter less, and the noise in the last bits of the rest cannot be had for any time.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("depth.npy", "w", force_zip64=True) as member:
            write_npy_clip(cast("BinaryIO", member), replace(clip, entries=noting_times()))
        columns = np.array(times, np.int64).reshape(-1, 3).T
        facts = np.frombuffer(clip.index, np.uint8)
        for name, array in zip(("pts_numerator", "pts_denominator", "index"), columns, strict=True):
            _add(archive, name, array)
        _add(archive, FACTS, facts)


def read_npy_clip(path: Path) -> Iterator[Values]:
    """Maps of an array (N, h, w), read from disk as they are asked for; raises `SourceError`."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise _no_array(path) from error
    if not isinstance(array, np.ndarray) or array.ndim != 3:
        raise SourceError(f"{path} is not an array (N, h, w) of depth maps", DAMAGED)
    yield from array


def read_npz_clip(path: Path) -> Iterator[Values]:
    """Maps of the array `depth` (N, h, w), unpacked one by one; raises `SourceError`."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("depth.npy") as member:
            np.lib.format.read_magic(member)
            shape, _, dtype = np.lib.format.read_array_header_1_0(member)
            count = int(np.prod(shape[1:])) * dtype.itemsize
            for _ in range(shape[0]):
                yield np.frombuffer(member.read(count), dtype).reshape(shape[1:])
    except _BROKEN as error:
        raise _no_array(path) from error


def read_npz_facts(path: Path) -> bytes | None:
    """What `write_npz` and `write_npz_clip` say of the values; None of an archive of others."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return bytes(archive[FACTS]) if FACTS in archive else None
    except _BROKEN as error:
        raise _no_array(path) from error


def _add(archive: zipfile.ZipFile, name: str, array: Values) -> None:
    with archive.open(f"{name}.npy", "w") as member:
        np.lib.format.write_array(member, array, allow_pickle=False)
