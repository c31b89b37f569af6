"""Threads and the hand-over between them: capture, inference, and the run itself."""

from __future__ import annotations

from streamdepth.pipeline.limits import Limits
from streamdepth.pipeline.runner import Pipeline
from streamdepth.pipeline.stats import RunStats, StatsSnapshot

__all__ = ["Limits", "Pipeline", "RunStats", "StatsSnapshot"]
