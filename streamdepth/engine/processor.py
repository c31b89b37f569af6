"""What this processor is and can do."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from streamdepth.errors import UsageError

_CPUINFO = Path("/proc/cpuinfo")
_INT8_FLAGS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8", "asimddp"})
"""Sums of int8 products in one instruction: x86 in three generations, and ARM."""


@dataclass(frozen=True)
class Processor:
    """The processor that this process runs on."""

    name: str
    flags: frozenset[str] | None
    """What it can do, as Linux calls it; None on other systems, which do not tell."""

    @property
    def does_int8(self) -> bool:
        """Whether it computes in int8 faster than in float32; True where that is not known: time will tell."""
        return self.flags is None or not self.flags.isdisjoint(_INT8_FLAGS)


@cache
def this_processor() -> Processor:
    """As the system describes it."""
    try:
        told = _CPUINFO.read_text("utf-8", "replace")
    except OSError:
        return Processor(platform.processor() or platform.machine(), None)
    return read_processor(told)


def read_processor(told: str) -> Processor:
    """The first processor in what Linux tells in /proc/cpuinfo."""
    first = told.partition("\n\n")[0]
    values = {key.strip().lower(): value.strip() for key, _, value in _pairs(first)}
    flags = values.get("flags", values.get("features", ""))
    return Processor(values.get("model name", platform.machine()), frozenset(flags.split()))


def has_int8() -> bool:
    """Whether int8 is worth trying on this processor."""
    return this_processor().does_int8


def require_int8() -> None:
    """Raise `UsageError` where the processor would be slower in int8, and wrong: its sums could run over."""
    if not has_int8():
        raise UsageError("this processor does not compute in int8", "use --precision fp32 or auto")


def thread_count(asked: int | None) -> int:
    """How many threads a runtime works with."""
    if asked is not None:
        return asked
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _pairs(text: str) -> list[tuple[str, str, str]]:
    return [line.partition(":") for line in text.splitlines()]
