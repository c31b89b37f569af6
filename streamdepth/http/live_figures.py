"""The figures of live runs, as Prometheus reads them: what a report says, of each camera."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest

TYPE = CONTENT_TYPE_PLAIN_0_0_4
LIVE = "live"
QUANTILES = {"p50": "0.5", "p95": "0.95"}
Reports = Mapping[str, Mapping[str, Any]]
"""Reports by the names of cameras; a single one has none."""


def live_text(
    reports: Reports, conditions: Mapping[str, str] | None = None, viewers: int | None = None
) -> str:
    """In the text format 0.0.4. `conditions` of the cameras and `viewers` are of runs that are shown to them."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    families = [*registry.collect(), *_families(reports), *_promises(reports)]
    if conditions is not None:
        live = GaugeMetricFamily("streamdepth_live", "Whether pictures come.", labels=("camera",))
        for name, condition in conditions.items():
            live.add_metric((name,), float(condition == LIVE))
        families.append(live)
    if viewers is not None:
        families.append(GaugeMetricFamily("streamdepth_viewers", "Who watches.", float(viewers)))
    return generate_latest(Collected(families)).decode()


class Collected:
    """A collector of metrics that exist already, for the Prometheus registry."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """All of them."""
        return iter(self._metrics)


def _families(reports: Reports) -> Iterator[Metric]:
    info = GaugeMetricFamily("streamdepth_info", "What runs.", labels=("camera", "model", "engine"))
    frames = CounterMetricFamily(
        "streamdepth_frames", "Frames by how far they came.", labels=("camera", "step")
    )
    dropped = CounterMetricFamily(
        "streamdepth_frames_dropped", "Frames left out.", labels=("camera", "cause")
    )
    latency = GaugeMetricFamily(
        "streamdepth_latency_seconds", "From capture to output.", labels=("camera", "quantile")
    )
    stages = GaugeMetricFamily(
        "streamdepth_stage_seconds", "What a stage takes.", labels=("camera", "stage", "quantile")
    )
    behind = GaugeMetricFamily(
        "streamdepth_behind", "Whether it does not keep up with its source.", labels=("camera",)
    )
    away = CounterMetricFamily("streamdepth_away_seconds", "Without its source.", labels=("camera",))
    reconnects = CounterMetricFamily("streamdepth_reconnects", "Of its source.", labels=("camera",))
    for name, report in reports.items():
        model, source, counts = report["model"] or {}, report["source"] or {}, report["frames"]
        words = (name, str(model.get("name", "")), str(report["engine"] or ""))
        info.add_metric(words, 1)
        behind.add_metric((name,), float(bool(report.get("behind"))))
        for step in ("captured", "inferred", "reused", "rendered", "interpolated", "written"):
            frames.add_metric((name, step), counts[step])
        for cause, count in counts["dropped_by"].items():
            dropped.add_metric((name, cause), count)
        _add(latency, (name,), report["latency_ms"])
        for stage, times in report["stages_ms"].items():
            _add(stages, (name, stage), times)
        if "seconds_away" in source:
            away.add_metric((name,), source["seconds_away"])
            reconnects.add_metric((name,), source["reconnects"])
    yield from (info, frames, dropped, latency, stages, behind, away, reconnects)


def _promises(reports: Reports) -> Iterator[Metric]:
    """How cameras that promise something keep it."""
    kept = {name: report["promise"] for name, report in reports.items() if "promise" in report}
    if not kept:
        return
    due = CounterMetricFamily("streamdepth_promise_pictures", "Due in time.", labels=("camera",))
    in_time = CounterMetricFamily("streamdepth_promise_pictures_in_time", "In time.", labels=("camera",))
    rung = GaugeMetricFamily(
        "streamdepth_promise_rung", "Where it runs: 0 is the best depth.", labels=("camera",)
    )
    steps = CounterMetricFamily("streamdepth_promise_steps", "To another rung.", labels=("camera",))
    for name, promise in kept.items():
        due.add_metric((name,), promise["pictures"])
        in_time.add_metric((name,), promise["in_time"])
        rung.add_metric((name,), promise["rung"])
        steps.add_metric((name,), promise["steps"])
    yield from (due, in_time, rung, steps)


def _add(family: GaugeMetricFamily, labels: tuple[str, ...], times: Mapping[str, float | None]) -> None:
    """Percentiles in milliseconds as seconds; nothing where there are none yet."""
    for percentile, quantile in QUANTILES.items():
        milliseconds = times[percentile]
        if milliseconds is not None:
            family.add_metric((*labels, quantile), milliseconds / 1000)
