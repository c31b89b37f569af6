"""The C library's heap, of pictures that come and go: kept while a run needs it, given back where it does not."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LARGEST_KEPT = 32 * 2**20
"""Bytes of the largest block that stays in the heap, the most that glibc allows; a 4K picture in BGR is smaller."""
KEPT = 64 * 2**20
"""Bytes that may lie free at the end of a heap."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Numbers of mallopt(3)."""
_SET_THP_DISABLE = 41
"""Of prctl(2)."""


def keep_for_pictures() -> bool:
    """Let the process keep what a picture took for the next one; whether that can be chosen here.

    glibc begins by handing each block above 128 kB back to the system at once, and the next picture is then written to
    pages that the system has to clear first: at 640x272 with `nano` a tenth of the CPU time of a whole run.
    """
    mallopt = _of_libc("mallopt")
    return mallopt is not None and all(
        [mallopt(_MMAP_THRESHOLD, LARGEST_KEPT), mallopt(_TRIM_THRESHOLD, KEPT)]
    )


def share_heaps(count: int) -> bool:
    """Let the threads that begin from now on share `count` heaps; whether that can be chosen here.

    glibc gives a thread one of its own, up to eight for each core, and what a picture took in one is no use to another.
    """
    mallopt = _of_libc("mallopt")
    return mallopt is not None and bool(mallopt(_ARENA_MAX, count))


def take_small_pages() -> bool:
    """Let memory come in pages of the usual size from now on, 4 kB mostly; whether that can be chosen here.

    x264 asks for pages of 2 MB, which are there in full as soon as a part is written to: of the room for the packets of
    one picture a twentieth is, and an encoder at 1280x720 takes 31 MB and not 29. They save it 1 to 2 % of its time.
    """
    prctl = _of_libc("prctl")
    return prctl is not None and prctl(_SET_THP_DISABLE, 1, 0, 0, 0) == 0


def give_back() -> bool:
    """Hand what is free in the C library's heap back to the system, in some milliseconds; whether any was.

    glibc keeps it for itself otherwise (malloc_trim(3)): twenty viewers at once leave 40 MB behind that nobody uses.
    Other C libraries have no such call, or need none.
    """
    trim = _of_libc("malloc_trim")
    return trim is not None and bool(trim(0))


def let_go() -> None:
    """Free what nobody but itself refers to, such as a run that is over, with its decoder, and give that back.

    A run and those that it hands its methods to refer to each other, and Python looks for such circles only after very
    many new objects: in a steady run rarely. It looks through all objects, which holds every thread up for a moment.
    """
    gc.collect()
    give_back()


@contextmanager
def loading() -> Iterator[None]:
    """While modules are imported, for a process that does one thing: what they make stays until its end.

    Nobody looks through it for circles then, neither now nor later, when that holds every thread up for a moment.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _of_libc(name: str) -> Any:
    """A function of glibc; None elsewhere."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
