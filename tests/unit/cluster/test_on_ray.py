"""What Ray does to the process that starts it, undone."""

from __future__ import annotations

import ctypes
import os
import signal
import time

import pytest

from streamdepth.cluster.on_ray import heed_sigterm_during, same_end_by_sigterm


def test_sigterm_is_ours_again_after_ray_took_it() -> None:
    def ours(_number: int, _frame: object) -> None:
        pass

    before = signal.signal(signal.SIGTERM, ours)
    try:
        with same_end_by_sigterm():
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        assert signal.getsignal(signal.SIGTERM) is ours
    finally:
        signal.signal(signal.SIGTERM, before)


def test_sigterm_is_heard_while_ray_ends_which_leaves_it_to_the_system() -> None:
    if os.name != "posix":
        pytest.skip("signals are those of POSIX")
    libc = ctypes.CDLL(None)
    libc.signal.restype = ctypes.c_void_p
    libc.signal.argtypes = ctypes.c_int, ctypes.c_void_p
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))

    def end() -> None:
        libc.signal(
            signal.SIGTERM, signal.SIG_IGN
        )  # as the core leaves it, but that it would end this process
        give_up_at = time.monotonic() + 20.0
        while not heard and time.monotonic() < give_up_at:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)

    try:
        heed_sigterm_during(end)
        assert heard
    finally:
        signal.signal(signal.SIGTERM, before)
