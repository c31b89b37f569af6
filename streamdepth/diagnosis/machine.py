"""The machine: system, processor, memory, and the packages that are installed."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Collection
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from streamdepth.diagnosis.finding import Finding, Grade

PACKAGES = (
    "numpy", "opencv-python", "av", "onnxruntime", "openvino", "torch", "aiortc", "fastapi", "uvicorn",
)  # fmt: skip
OPTIONAL = ("onnx", "nncf")

_FLAGS = {
    "AVX2": ("avx2",),
    "AVX-512": ("avx512f",),
    "VNNI": ("avx512_vnni", "avx_vnni"),
    "bf16": ("avx512_bf16", "amx_bf16", "bf16"),
    "AMX": ("amx_tile",),
    "NEON": ("asimd", "neon"),
    "dot product": ("asimddp",),
}
"""What a network gains from, and the names for it in /proc/cpuinfo (x86 and Arm)."""


def system(own_version: str) -> list[Finding]:
    """streamdepth, Python and the operating system."""
    texts = {
        "streamdepth": own_version,
        "python": platform.python_version(),
        "system": f"{_distribution()} on {platform.machine()}",
    }
    return [Finding(topic, text, facts={"version": text}) for topic, text in texts.items()]


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[Finding]:
    """Its name, the cores that this process may use, and the instructions that networks gain from."""
    name, flags = _name_and_flags(cpuinfo)
    able = features(flags)
    cores = _usable_cores()
    told = ", ".join(able) if flags else "what it computes in is not told here"
    facts = {"name": name, "cores": cores, "features": able}
    slow = bool(flags) and not {"AVX2", "NEON"} & set(able)
    return [
        Finding(
            "processor",
            f"{name}, {cores} core{'s' if cores != 1 else ''}, {told or 'no vector instructions'}",
            Grade.NOTE if slow else Grade.FINE,
            "networks will be slow here: use --model nano, and a smaller --size" if slow else "",
            facts,
        )
    ]


def features(flags: Collection[str]) -> list[str]:
    """The names of `_FLAGS` that a processor with these flags has."""
    return [name for name, any_of in _FLAGS.items() if set(any_of) & set(flags)]


def memory() -> list[Finding]:
    """The machine's memory, where the system tells."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows; a libc without these names
        return []
    return [Finding("memory", f"{total / 2**30:.1f} GiB", facts={"bytes": total})]


def packages() -> list[Finding]:
    """The versions of the libraries; one that is missing is a problem, since an installation brings it."""
    found = {name: _version(name) for name in (*PACKAGES, *OPTIONAL)}
    missing = [name for name in PACKAGES if found[name] is None]
    here = ", ".join(f"{name} {number}" for name, number in found.items() if number is not None)
    return [
        Finding("libraries", here, facts={"versions": found}),
        *(
            Finding("libraries", f"{name} is not installed", Grade.PROBLEM, f"pip install {name}")
            for name in missing
        ),
    ]


def _version(package: str) -> str | None:
    with suppress(PackageNotFoundError):
        return version(package)
    if package == "opencv-python":  # the same library goes by other names, too
        return _version("opencv-python-headless") or _version("opencv-contrib-python")
    return None


def _distribution() -> str:
    with suppress(OSError):
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{platform.system()} {platform.release()}"


def _name_and_flags(cpuinfo: Path) -> tuple[str, set[str]]:
    """From the first processor of /proc/cpuinfo; elsewhere the name alone."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine(), set()
    pairs = (line.partition(":") for line in text.split("\n\n")[0].splitlines())
    told = {key.strip(): value.strip() for key, _, value in pairs}
    return told.get("model name") or platform.machine(), set(
        (told.get("flags") or told.get("Features", "")).split()
    )


def _usable_cores() -> int:
    if sys.platform.startswith("linux"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
