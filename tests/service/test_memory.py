"""Freed memory goes back to the system."""

from __future__ import annotations

import ctypes
import sys

import pytest

from streamdepth.report import current_rss_mb
from streamdepth.service.memory import give_back

BLOCK, COUNT = 4096, 10_000


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps it")
def test_what_was_freed_goes_back_although_something_above_it_is_in_use():
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.free.argtypes = [ctypes.c_void_p]
    blocks = [libc.malloc(BLOCK) for _ in range(COUNT)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK)
    for block in blocks[:-1]:
        libc.free(block)
    kept = current_rss_mb()
    assert give_back()
    freed = current_rss_mb()
    libc.free(blocks[-1])
    assert kept - freed > BLOCK * COUNT / 2**20 / 2
