"""What this processor is and can do."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from streamdepth.errors import UsageError
from streamdepth.values import dataclass

_CPUINFO = Path("/proc/cpuinfo")
_GROUPS, _GROUPS_OF_PROCESS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
_FEATURES = {
    "AVX2": ("avx2",),
    "AVX-512": ("avx512f",),
    "VNNI": ("avx512_vnni", "avx_vnni"),
    "bf16": ("avx512_bf16", "amx_bf16", "bf16"),
    "AMX": ("amx_int8", "amx_tile"),
    "NEON": ("asimd", "neon"),
    "dot product": ("asimddp",),
}
"""What a network gains from, and the names for it in /proc/cpuinfo (x86 and ARM)."""
_SUMS_INT8 = frozenset({"VNNI", "AMX", "dot product"})
"""Those that add products of int8 in 32 bits. AVX2 and AVX-512 alone do it in 16, which two products can exceed."""


@dataclass(frozen=True)
class Processor:
    """The processor that this process runs on."""

    name: str
    flags: frozenset[str] | None
    """What it can do, as Linux calls it; None on other systems, which do not report it."""

    @property
    def features(self) -> tuple[str, ...]:
        """What networks gain from among its flags, in words; empty where these are not known."""
        flags = self.flags or frozenset()
        return tuple(name for name, any_of in _FEATURES.items() if not flags.isdisjoint(any_of))

    @property
    def does_int8(self) -> bool:
        """Whether it computes in int8 right and fast; True where that is not known: int8 is judged when it is built."""
        return self.flags is None or not _SUMS_INT8.isdisjoint(self.features)


@cache
def this_processor() -> Processor:
    """As the system describes it."""
    return processor_of(_CPUINFO)


def processor_of(cpuinfo: Path) -> Processor:
    """As Linux describes it in a file; where there is none, its name alone."""
    try:
        contents = cpuinfo.read_text("utf-8", "replace")
    except OSError:
        return Processor(platform.processor() or platform.machine(), None)
    return read_processor(contents)


def read_processor(contents: str) -> Processor:
    """The first processor in Linux's /proc/cpuinfo."""
    first = contents.partition("\n\n")[0]
    values = {key.strip().lower(): value.strip() for key, _, value in _pairs(first)}
    flags = values.get("flags", values.get("features", ""))
    return Processor(values.get("model name", platform.machine()), frozenset(flags.split()))


def has_int8() -> bool:
    """Whether int8 is worth trying on this processor."""
    return this_processor().does_int8


def require_int8() -> None:
    """Raise `UsageError` where the processor would be wrong in int8 and no faster: sums of products run over."""
    if not has_int8():
        raise UsageError(
            "this processor does not compute in int8: without VNNI or ARM's dot product depth would be wrong",
            "use --precision fp32 or auto, and network files in fp32",
        )


def processors() -> int:
    """How many this process may use: those that it is admitted to, or the time of fewer that its container has."""
    return min(len(admitted()), _time_of_container() or len(admitted()))


def admitted() -> list[int]:
    """The numbers of the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def is_confined() -> bool:
    """Whether there are more than this process may run on."""
    return len(admitted()) < (os.cpu_count() or 1)


def thread_count(asked: int | None) -> int:
    """How many threads a runtime works with."""
    return processors() if asked is None else asked


def told_threads(asked: int | None) -> int | None:
    """What a runtime is told: it sees by itself where it may run, but not how much time its container has."""
    return processors() if asked is None and processors() < len(admitted()) else asked


def processors_of_group(groups: Path, of_process: Path) -> int | None:
    """The processors whose time a control group of Linux may take, begun ones as whole; None where nothing limits it.

    `groups` is the folder of all groups, `of_process` lists those of a process (cgroups(7)). Both versions: `cpu.max`,
    and `cpu.cfs_quota_us`. A group has no more than those around it. In a container its own one may be the outermost.
    """
    try:
        lines = of_process.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    counts = []
    for _, kinds, path in (line.split(":", 2) for line in lines):
        if not kinds or "cpu" in kinds.split(","):
            root = groups / "cpu" if kinds else groups
            group = root / path.strip("/")
            for folder in (group, *group.parents):
                counts += [share for share in _shares(folder) if folder.is_relative_to(root)]
    return min(counts, default=None)


def _shares(group: Path) -> Iterator[int]:
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        try:
            quota, period = " ".join((group / name).read_text(encoding="ascii") for name in names).split()
        except (OSError, ValueError):
            continue
        if quota.isdecimal() and int(period):  # else "max", or -1
            yield max(1, math.ceil(int(quota) / int(period)))


@cache
def _time_of_container() -> int | None:
    return processors_of_group(_GROUPS, _GROUPS_OF_PROCESS)


def _pairs(text: str) -> list[tuple[str, str, str]]:
    return [line.partition(":") for line in text.splitlines()]
