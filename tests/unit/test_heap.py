"""What the C library's heap keeps, and what it gives back."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import pytest

from streamdepth.heap import let_go, loading

BLOCK, COUNT = 4096, 10_000
PICTURES = """
import resource, sys
import numpy as np
from streamdepth.heap import keep_for_pictures

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if sys.argv[1] == "keep":
    assert keep_for_pictures()
for round in range(30):
    if round == 10:
        before = faults()
    pictures = [np.ones(300_000, np.uint8) for _ in range(8)]
    del pictures
print(faults() - before)
"""

BLOCKS = f"""
import ctypes
from streamdepth.heap import give_back
from streamdepth.reporting.report import current_rss_mb

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
blocks = [libc.malloc({BLOCK}) for _ in range({COUNT})]
for block in blocks:
    ctypes.memset(block, 1, {BLOCK})
for block in blocks[:-1]:
    libc.free(block)
kept = current_rss_mb()
assert give_back()
print(kept - current_rss_mb())
"""

HEAPS = """
import ctypes, sys, threading
from streamdepth.heap import share_heaps

if sys.argv[1] == "share":
    assert share_heaps(2)
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fflush.argtypes = [ctypes.c_void_p]
all_there = threading.Barrier(6)

def work():
    libc.malloc(1000)
    all_there.wait(20)

threads = [threading.Thread(target=work) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
out = libc.fdopen(1, b"w")
libc.malloc_info(0, out)
libc.fflush(out)
"""

PAGES = """
from pathlib import Path
from streamdepth.heap import take_small_pages

def are_large():
    return "THP_enabled:\\t1" in Path("/proc/self/status").read_text()

print(are_large(), take_small_pages(), are_large())
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be told")


def page_faults(how: str) -> int:
    """Of 20 times eight pictures, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PICTURES, how], capture_output=True, text=True, check=True, timeout=60
    )
    return int(done.stdout)


def test_pictures_are_written_to_pages_that_the_process_has_already() -> None:
    assert page_faults("keep") < 50 < page_faults("as it is")


def test_what_was_freed_goes_back_although_something_above_it_is_in_use():
    """In a process of its own: where others have left holes, blocks lie in these, and free no page."""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKS], capture_output=True, text=True, check=True, timeout=60
    )
    assert float(done.stdout) > BLOCK * COUNT / 2**20 / 2


def heaps(how: str) -> int:
    """Of a process with six threads of which each needs memory at the same time."""
    done = subprocess.run(
        [sys.executable, "-c", HEAPS, how], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.count("<heap ")


def test_threads_share_as_many_heaps_as_is_said() -> None:
    assert heaps("share") <= 2 < heaps("as it is")


def test_memory_comes_in_small_pages_once_that_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PAGES], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["True", "True", "False"]


def test_what_refers_to_itself_is_let_go() -> None:
    class Circle:
        def __init__(self) -> None:
            self.itself = self

    gc.disable()
    try:
        gone = weakref.ref(Circle())
        assert gone() is not None
        let_go()
        assert gone() is None
    finally:
        gc.enable()


def test_what_is_made_while_modules_load_is_not_looked_through_again() -> None:
    looked: list[str] = []

    def look(phase: str, _figures: dict[str, int]) -> None:
        looked.append(phase)

    gc.callbacks.append(look)
    try:
        with loading():
            made = [[] for _ in range(20 * gc.get_threshold()[0])]
        assert looked == []
        assert gc.isenabled()
        assert gc.get_freeze_count() >= len(made)
    finally:
        gc.callbacks.remove(look)
        gc.unfreeze()
