"""The machine: system, processor, memory, and the packages that are installed."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from streamdepth.diagnosis.finding import Finding, Grade
from streamdepth.machine import processor_of, this_processor, thread_count
from streamdepth.packages import how_to_install

PACKAGES = ("numpy", "opencv-python", "av", "onnxruntime", "aiortc", "fastapi", "uvicorn")
LEFT_OUT = {
    "openvino": "the runtime that is the fastest on most processors, and bf16",
    "torch": "midas-small and other weights, models export and train",
    "onnx": "turning weights into networks for the fast runtimes",
}
"""What the light install is without, and what for one may want it."""
OPTIONAL = ("nncf",)


def system(own_version: str) -> list[Finding]:
    """streamdepth, Python and the operating system."""
    texts = {
        "streamdepth": own_version,
        "python": platform.python_version(),
        "system": f"{_distribution()} on {platform.machine()}",
    }
    return [Finding(topic, text, facts={"version": text}) for topic, text in texts.items()]


def processor(cpuinfo: Path | None = None) -> list[Finding]:
    """Its name, the cores that this process may use, and the instructions that networks gain from."""
    found = this_processor() if cpuinfo is None else processor_of(cpuinfo)
    able, cores = list(found.features), thread_count(None)
    computes = ", ".join(able) or "no vector instructions"
    if found.flags is None:
        computes = "its instructions are not known here"
    elif not found.does_int8:
        computes += "; no int8 (that needs VNNI or ARM's dot product)"
    slow = found.flags is not None and not {"AVX2", "NEON"} & set(able)
    return [
        Finding(
            "processor",
            f"{found.name}, {cores} core{'s' if cores != 1 else ''}, {computes}",
            Grade.NOTE if slow else Grade.FINE,
            "networks will be slow here: use --model nano, and a smaller --size" if slow else "",
            {"name": found.name, "cores": cores, "features": able, "int8": found.does_int8},
        )
    ]


def memory() -> list[Finding]:
    """The machine's memory, if the system reports it."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows; a libc without these names
        return []
    return [Finding("memory", f"{total / 2**30:.1f} GiB", facts={"bytes": total})]


def packages() -> list[Finding]:
    """The versions of the libraries; what is missing of the light install, which any other brings too, is a problem."""
    found = {name: _version(name) for name in (*PACKAGES, *LEFT_OUT, *OPTIONAL)}
    missing = [name for name in PACKAGES if found[name] is None]
    here = ", ".join(f"{name} {number}" for name, number in found.items() if number is not None)
    return [
        Finding("libraries", here, facts={"versions": found}),
        *(
            Finding("libraries", f"{name} is not installed", Grade.PROBLEM, how_to_install(name))
            for name in missing
        ),
        *(
            Finding("libraries", f"{name} is not installed: {what}", Grade.NOTE, how_to_install(name))
            for name, what in LEFT_OUT.items()
            if found[name] is None
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
