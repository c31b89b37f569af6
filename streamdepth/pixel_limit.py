"""How large a picture may be: asked before it is decoded, since a file of some kilobytes may claim gigabytes."""

from __future__ import annotations

from pathlib import Path

from streamdepth.counted import byte_size
from streamdepth.errors import SourceError, Trouble, UsageError
from streamdepth.frames import SourceInfo
from streamdepth.values import dataclass

MOST_OF_VIDEO = 36_000_000
"""Pixels of a video's picture: 8K of cinemas is 8192x4320."""
MOST_OF_PHOTO = 128_000_000
"""Pixels of a photo: cameras with 100 million have up to 11648x8736."""
OPTION = "--max-pixels"
# Bytes a pixel of the input, as measured (docs/benchmarks/memory.md): of a film several pictures are on their way at
# once, and its encoder looks ahead.
_FILM, _OTHER_VIDEO, _PHOTO = 110, 30, 12
WORTH_REPORTING = 1_000_000_000
"""Bytes."""


@dataclass(frozen=True)
class PixelLimit:
    """The most pixels of a picture of one input."""

    video: int = MOST_OF_VIDEO
    photo: int = MOST_OF_PHOTO

    @classmethod
    def of(cls, most: int | None) -> PixelLimit:
        """One number for all kinds; None is the usual ones."""
        return cls() if most is None else cls(most, most)

    def check_video(self, name: str, width: int, height: int) -> None:
        """Raise `SourceError` where a video has larger pictures."""
        _check(f"{name} has pictures", width, height, self.video, _FILM)

    def check_photo(self, name: str, width: int, height: int) -> None:
        """Raise `SourceError` where a photo is larger."""
        _check(f"{name} is a picture", width, height, self.photo, _PHOTO)

    def check_wanted(self, size: tuple[int, int] | None) -> None:
        """Raise `UsageError` where a larger size is asked of a camera, a browser or the demo."""
        if size is not None and size[0] * size[1] > self.video:
            width, height = size
            raise UsageError(
                f"pictures of {width}x{height} would take about {byte_size(width * height * _FILM)} of memory",
                f"ask for less, or add {OPTION} {_millions_up(width * height)}",
            )


USUAL = PixelLimit()


def too_large(name: str, most: int) -> SourceError:
    """The error of a video whose pictures are too large, or grow so in its middle, where nobody says how large."""
    return SourceError(
        f"{name} has pictures of more than {most / 1e6:g} million pixels, or of no valid size",
        f"{OPTION} allows more; each million takes about {_FILM} MB of memory",
        Trouble.TOO_LARGE,
    )


def memory_of(info: SourceInfo, *, to_film: bool) -> int:
    """About how many bytes a run takes for pictures of this size; `to_film` says that it encodes a film of them."""
    if info.kind == "image":
        return info.width * info.height * _PHOTO
    return info.width * info.height * (_FILM if to_film else _OTHER_VIDEO)


def available_memory(
    meminfo: Path = Path("/proc/meminfo"), group: Path = Path("/sys/fs/cgroup")
) -> int | None:
    """Bytes that programs can have before the machine swaps or their container ends them; None where that is unknown.

    `MemAvailable` of proc(5), and what is left up to `memory.max` of the kernel's control groups, version 2.
    """
    limits = (_left_in_machine(meminfo), _left_in_container(group))
    return min((size for size in limits if size is not None), default=None)


def _left_in_machine(meminfo: Path) -> int | None:
    kilobytes = _numbers_in(meminfo).get("MemAvailable:")
    return None if kilobytes is None else kilobytes * 1024


def _left_in_container(group: Path) -> int | None:
    try:
        most = (group / "memory.max").read_text(encoding="ascii").strip()
        used = int((group / "memory.current").read_text(encoding="ascii"))
    except OSError:
        return None
    # Files that were read count as used, and are let go of when programs need the room.
    files = _numbers_in(group / "memory.stat").get("inactive_file", 0)
    return None if most == "max" else max(0, int(most) - used + files)


def _numbers_in(table: Path) -> dict[str, int]:
    """A name and a number a line, as the kernel writes them; empty where there is no such file."""
    try:
        lines = [line.split() for line in table.read_text(encoding="ascii").splitlines()]
    except OSError:
        return {}
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdecimal()}


def _check(what: str, width: int, height: int, most: int, each: int) -> None:
    pixels = width * height
    if pixels > most:
        raise SourceError(
            f"{what} of {width}x{height}, which would take about {byte_size(pixels * each)} of memory",
            f"{OPTION} {_millions_up(pixels)} allows it",
            Trouble.TOO_LARGE,
        )


def _millions_up(pixels: int) -> str:
    return f"{-(-pixels // 1_000_000)}M"
