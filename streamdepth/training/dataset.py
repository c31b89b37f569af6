"""The user's pictures with depth, as the training sees them: found, divided, examined, kept at working size."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.pictures import read_colour
from streamdepth.errors import SourceError, StreamdepthError, UsageError
from streamdepth.evaluation.rgbd import RgbdPair, load_pair, resize_depth
from streamdepth.files.listed import listed_in
from streamdepth.pixels import BGRImage
from streamdepth.training.observer import Observer
from streamdepth.training.settings import DataSettings
from streamdepth.values import dataclass

UNKNOWN = -1.0
"""Stands for a missing reading in `Sample.inverse`."""
_MARGIN = 1.25
"""How much larger than the view the working copy is: crops are at least 0.6 of a picture, 0.8 in the mean."""
_NAMED, _REPORTED = 3, 20
"""How many bad files the error names, and the report before it."""
_MEMORY = 2 << 30
"""Bytes of working copies that are kept; what goes beyond is read again each time."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture with its depth at working size."""

    pair: RgbdPair
    bgr: BGRImage
    """(H, W, 3) uint8."""
    inverse: NDArray[np.float16]
    """(H, W) inverse depth in 0..1, the nearest reading being 1; `UNKNOWN` where there is no reading."""
    nearest: float
    """Metres of the nearest reading."""

    @property
    def metres(self) -> NDArray[np.float32]:
        """(H, W) depth, 0 where there is no reading."""
        known = self.inverse > 0
        inverse = np.where(known, self.inverse, 1).astype(np.float32)
        return np.where(known, np.float32(self.nearest) / inverse, np.float32(0))

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self.bgr.nbytes + self.inverse.nbytes


@dataclass(frozen=True)
class RgbdFolder:
    """Pairs of files below a folder."""

    root: Path
    pairs: tuple[RgbdPair, ...]


class Samples:
    """Working copies of pairs for views of one size; kept in memory as far as they fit."""

    def __init__(self, pairs: Sequence[RgbdPair], view: tuple[int, int], memory: int = _MEMORY) -> None:
        """`view` is (width, height) in pixels, `memory` in bytes."""
        self.pairs = tuple(pairs)
        self._view = view
        self._room = memory
        self._kept: dict[int, Sample] = {}

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> Sample:
        """The sample at `index`, from 0. Raises `SourceError` where it cannot be used."""
        sample = self._kept.get(index)
        if sample is None:
            sample = load_sample(self.pairs[index], self._view)
            if sample.nbytes <= self._room:
                self._room -= sample.nbytes
                self._kept[index] = sample
        return sample

    def __iter__(self) -> Iterator[Sample]:
        return (self[index] for index in range(len(self)))

    def without(self, indices: Collection[int]) -> Samples:
        """The same but for these; what is in memory goes over."""
        stay = [index for index in range(len(self)) if index not in indices]
        rest = Samples([self.pairs[index] for index in stay], self._view, self._room)
        rest._kept = {new: self._kept[old] for new, old in enumerate(stay) if old in self._kept}
        return rest

    @property
    def unit(self) -> str:
        """What the numbers of their depth files count."""
        unit = self.pairs[0].unit
        return "as stored" if unit is None else f"{unit.kind.value}, {unit.scale:g} steps each"

    def digest(self, root: Path) -> str:
        """How many there are, and a short hash of where their files are below `root`."""
        names = [
            path.relative_to(root).as_posix() for pair in self.pairs for path in (pair.colour, pair.depth)
        ]
        return f"{len(self)} ({hashlib.sha256(chr(10).join(names).encode()).hexdigest()[:12]})"


def load_sample(pair: RgbdPair, view: tuple[int, int]) -> Sample:
    """Read a pair and bring it to a little more than what views of (width, height) need; never enlarges.

    Raises `SourceError` where a file cannot be read or its depth is of no use.
    """
    bgr, metres, valid = load_pair(pair)
    height, width = bgr.shape[:2]
    scale = min(1.0, _MARGIN * max(view[0] / width, view[1] / height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)
    depth = resize_depth(np.where(valid, metres, np.float32(0)), size)
    if not (depth > 0).any():
        raise SourceError(f"{pair.depth} has too few readings", "take the picture out")
    nearest = float(depth[depth > 0].min())
    inverse = np.divide(nearest, depth, out=np.full(depth.shape, UNKNOWN, np.float32), where=depth > 0)
    return Sample(pair, small, inverse.astype(np.float16), nearest)


@dataclass(frozen=True, eq=False)
class Material:
    """What a run learns from and is judged by."""

    root: Path
    view: tuple[int, int]
    """Width and height in pixels of what the network sees in training."""
    training: Samples
    validation: Samples


def usual_picture_size(folder: RgbdFolder) -> tuple[int, int]:
    """Width and height of the first picture. Raises `SourceError` where there is none or it cannot be read."""
    if not folder.pairs:
        raise SourceError(f"{folder.root} holds no pairs of colour and depth", "check the path and --layout")
    height, width = read_colour(folder.pairs[0].colour).shape[:2]
    return width, height


def examine(
    folder: RgbdFolder, view: tuple[int, int], settings: DataSettings, observer: Observer
) -> Material:
    """Divide the pairs as the settings say and read each of them once.

    Raises `UsageError` where nothing is left to learn from or to judge by, or where the split names what is not
    there, and `SourceError` where pairs cannot be used; the observer gets what is wrong with each.
    """
    training, validation = (Samples(half, view) for half in divide(folder, settings))
    halves = (training, None), (validation, settings.cap)
    return Material(folder.root, view, *usable(halves, observer, settings.skip_unusable))


def divide(folder: RgbdFolder, settings: DataSettings) -> tuple[list[RgbdPair], list[RgbdPair]]:
    """The pairs to learn from and those to judge by; raises `UsageError` as `examine`."""
    held_out = _named_in(settings.split, folder) if settings.split else _last(folder, settings.validation)
    training = [pair for pair in folder.pairs if pair not in held_out]
    validation = [pair for pair in folder.pairs if pair in held_out]
    if not training or not validation:
        raise UsageError(
            f"of {len(folder.pairs)} pairs {len(training)} are left to learn from and {len(validation)} to judge by",
            "both need at least one: add pictures, or change --split or --validation",
        )
    return training, validation


def usable(
    parts: Iterable[tuple[Samples, float | None]], observer: Observer, skip: bool
) -> tuple[Samples, ...]:
    """Read every sample of all parts once and return those that can be used; the observer gets the faults of others.

    A part may have a cap in metres, within which there must be a reading. Raises `SourceError` where none of a part can
    be used, or where one cannot and `skip` is False.
    """
    read = [(samples, _problems(samples, cap, observer)) for samples, cap in parts]
    for line in _bounded([what for _, problems in read for what in problems.values()], _REPORTED):
        observer.say(line)
    refused = [part for part in read if not skip or len(part[1]) == len(part[0])]
    unusable = [what for _, problems in refused for what in problems.values()]
    if unusable:
        count = sum(len(samples) for samples, _ in refused)
        raise SourceError(
            f"{len(unusable)} of {count} pairs cannot be used: {'; '.join(_bounded(unusable, _NAMED))}",
            "repair or remove them" + ("" if skip else ", or add --skip-unusable"),
        )
    return tuple(samples.without(problems) for samples, problems in read)


def _problems(samples: Samples, cap: float | None, observer: Observer) -> dict[int, str]:
    """What is wrong with those that cannot be used."""
    problems: dict[int, str] = {}
    for index in range(len(samples)):
        if what := _problem(samples, index, cap):
            problems[index] = what
        observer.examined(index + 1, len(samples))
    return problems


def _last(folder: RgbdFolder, share: float) -> set[RgbdPair]:
    # Not at random: neighbours in a video are nearly the same picture, and would be learnt and judged by.
    count = len(folder.pairs)
    return set(folder.pairs[count - max(1, round(count * share)) :])


def _named_in(split: Path, folder: RgbdFolder) -> set[RgbdPair]:
    """The pairs whose colour pictures a text file names."""
    try:
        names = listed_in(split.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the split file {split} cannot be read", "it must be a text file") from error
    by_name = {pair.colour.relative_to(folder.root).as_posix(): pair for pair in folder.pairs}
    unknown = [name for _, name in names if name not in by_name]
    if unknown:
        raise UsageError(
            f"{split} names {len(unknown)} pictures that are in no pair, such as {unknown[0]}",
            f"name colour pictures relative to {folder.root}",
        )
    return {by_name[name] for _, name in names}


def _problem(samples: Samples, index: int, cap: float | None) -> str:
    """What is wrong with a sample; empty where nothing is."""
    try:
        sample = samples[index]
    except StreamdepthError as error:
        return error.what
    if cap is not None and sample.nearest > cap:
        depth, nearest = samples.pairs[index].depth, sample.nearest
        return f"{depth} has no reading within {cap:g} m: the nearest is at {nearest:.4g} m"
    return ""


def _bounded(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], f"and {len(lines) - most} more"]
