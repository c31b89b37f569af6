"""The figures of a run as JSON: `--report`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from streamdepth.files import check_output, write_whole
from streamdepth.frames import Outages, SourceInfo
from streamdepth.pipeline.stats import Percentiles, StatsSnapshot


class EngineFacts(Protocol):
    """What a report says about an engine."""

    @property
    def name(self) -> str:
        """Of the model."""

    @property
    def sha256(self) -> str:
        """Of the weights file, in hexadecimal."""

    @property
    def runtime_name(self) -> str:
        """As `--engine` calls it."""

    @property
    def precision(self) -> str:
        """As `--precision` calls it."""

    def input_size(self, width: int, height: int) -> tuple[int, int]:
        """Network input (width, height) for a picture."""


def describe(
    info: SourceInfo | None,
    engine: EngineFacts | None,
    stats: StatsSnapshot,
    outages: Outages | None = None,
    publish: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The report as a JSON-ready dictionary; what was never opened is null.

    `outages` are of some sources only; `publish` is how each media server did, its address without secrets.
    """
    return {
        "source": _source(info, outages),
        "model": _model(info, engine),
        "engine": engine.runtime_name if engine else None,
        "precision": engine.precision if engine else None,
        "frames": {
            "captured": stats.captured,
            "dropped": stats.dropped,
            "dropped_by": dict(stats.dropped_by),
            "inferred": stats.inferred,
            "reused": stats.reused,
            "rendered": stats.rendered,
            "interpolated": stats.interpolated,
            "written": stats.written,
        },
        "seconds": round(stats.seconds, 3),
        "fps": round(stats.fps, 2),
        "stages_ms": _stages(stats.stages),
        "latency_ms": _milliseconds(stats.latency),
        "publish": [dict(server) for server in publish],
        "behind": stats.behind,
        "peak_rss_mb": peak_rss_mb(),
    }


def check_report_place(path: Path) -> None:
    """Refuse, before hours of work, a `path` that could not be written after it; raises `SinkError`."""
    check_output(path)


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write `report` to `path`, where it appears whole; raises `SinkError` when that cannot be done."""
    write_whole(path, (json.dumps(report, indent=1) + "\n").encode())


def peak_rss_mb() -> float | None:
    """Largest resident memory of this process so far, in MB; None if the platform does not report it."""
    own = _peak_from_linux()
    if own is not None:  # `getrusage` on Linux includes the process that started this one
        return own
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


def current_rss_mb() -> float | None:
    """Resident memory of this process now, in MB; the largest so far if the platform reports no other.

    Linux: `proc(5)`, the second number of /proc/self/statm, in pages.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return peak_rss_mb()
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def _peak_from_linux() -> float | None:
    """`VmHWM` of proc(5) in MB, None elsewhere."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    sizes = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return round(int(sizes[0]) / 1024, 1) if sizes else None


def _source(info: SourceInfo | None, outages: Outages | None) -> dict[str, Any] | None:
    if info is None:
        return None
    rate = f"{info.rate.numerator}/{info.rate.denominator}" if info.rate else None
    facts = {"kind": info.kind, "width": info.width, "height": info.height, "rate": rate, "live": info.live}
    if outages is not None:
        facts |= {"reconnects": outages.reconnects, "seconds_away": round(outages.seconds, 1)}
    return facts


def _model(info: SourceInfo | None, engine: EngineFacts | None) -> dict[str, Any] | None:
    if engine is None:
        return None
    size = list(engine.input_size(info.width, info.height)) if info else None
    return {"name": engine.name, "sha256": engine.sha256, "input": size}


def _stages(stages: Mapping[str, Percentiles]) -> dict[str, dict[str, float | None]]:
    names = ("capture", "inference", "render", "sink")
    return {name: _milliseconds(stages.get(name, Percentiles())) for name in names}


def _milliseconds(times: Percentiles) -> dict[str, float | None]:
    if times.p50 is None or times.p95 is None:
        return {"p50": None, "p95": None}
    return {"p50": round(times.p50 * 1000, 2), "p95": round(times.p95 * 1000, 2)}
