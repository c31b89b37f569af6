"""What a run has to do with sessions: it records one, replays one, or neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from streamdepth.frames import Outages, SourceInfo
from streamdepth.pipeline import RunStats
from streamdepth.protocols import Sink, Source, Watched, Witness
from streamdepth.reporting.events import Observe
from streamdepth.reporting.report import EngineFacts, describe
from streamdepth.run.closing import closed_on_error
from streamdepth.run.inputs import as_wanted, open_input
from streamdepth.run.sessions.recording import EventsOfSession, Recording
from streamdepth.run.spec import RunSpec

if TYPE_CHECKING:
    from streamdepth.run.sessions.replaying import Replayed
    from streamdepth.sessions.recorder import Recorder
    from streamdepth.sinks.events.event import Writer


class SessionOfRun:
    """Stands between a run and its session, if it has any."""

    def __init__(self, spec: RunSpec, observe: Observe) -> None:
        path = spec.session.record
        self._recording = None if path is None else Recording(spec, path, observe)
        self._recorder: Recorder | None = None
        self._replayed: Replayed | None = None
        self._replays = spec.session.replay
        self.measured = RunStats()
        """What this run takes itself."""
        self.observe = observe if self._recording is None else self._recording.observe

    def spec_of(self, spec: RunSpec) -> RunSpec:
        """`spec` with the settings of the session that is replayed, as far as none is given."""
        if not self._replays:
            return spec
        from streamdepth.run.sessions.replaying import as_recorded

        return as_recorded(spec)

    def open_input(self, spec: RunSpec, is_stopped: Callable[[], bool]) -> Source:
        """The input, which may be a session; raises as `inputs.open_input` and `open_session` do."""
        if not self._replays:
            return open_input(spec, self.observe, is_stopped)
        from streamdepth.run.sessions.replaying import Replayed, is_with_depth, open_session

        source = open_session(spec)
        self._replayed = Replayed(source, has_own_depth=is_with_depth(spec))
        with closed_on_error(source, []):
            return as_wanted(source, spec)

    def open_outputs(
        self,
        source: Source,
        engine: Callable[[], EngineFacts | None],
        report: Callable[[], Mapping[str, Any]],
    ) -> list[Sink]:
        """The sinks that replay a session or record one; they come before all others."""
        if self._recording is not None:
            self._recorder = self._recording.open(source, engine, report)
        return [sink for sink in (self._replayed, self._recorder) if sink is not None]

    @property
    def witness(self) -> Witness | None:
        """What gets the fate of each frame."""
        return self._recorder

    @property
    def event_writers(self) -> list[Writer]:
        """What gets events of zones beside those that were named."""
        return [] if self._recorder is None else [EventsOfSession(self._recorder)]

    @property
    def stats(self) -> RunStats:
        """Those of the session that is replayed, or else of this run."""
        return self.measured if self._replayed is None else self._replayed.stats

    def brings_depth(self, info: SourceInfo) -> bool:
        """Whether no network is needed, since what is read has depth."""
        return info.depth is not None or (self._replayed is not None and self._replayed.has_own_depth)

    @property
    def network(self) -> EngineFacts | None:
        """That of the depth in the session."""
        replayed = self._replayed
        return replayed.network if replayed is not None and replayed.has_own_depth else None

    def report(
        self, source: Source | None, engine: EngineFacts | None, publish: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """The figures of the run, or of the one that is replayed, with what was measured now beside them."""
        info = source.info if source is not None else None  # of the input that is shown
        outages = source.outages if isinstance(source, Watched) else None
        if self._replayed is None:
            return describe(info, engine, self.measured.snapshot(), outages, publish)
        return self._replayed_report(self._replayed, info, engine, publish)

    def _replayed_report(
        self,
        replayed: Replayed,
        info: SourceInfo | None,
        engine: EngineFacts | None,
        publish: list[dict[str, Any]],
    ) -> dict[str, Any]:
        outages: Outages | None = replayed.outages
        info = None if info is None else replayed.described(info)
        recorded = describe(info, engine or self.network, replayed.stats.snapshot(), outages, publish)
        now = describe(info, engine, self.measured.snapshot())
        own = {name: now[name] for name in ("seconds", "fps", "stages_ms", "peak_rss_mb")}
        return {**recorded, "peak_rss_mb": None, "replay": own}
