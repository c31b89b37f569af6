"""One run: open the input, load the network, open the outputs, and hand them to the pipeline."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2  # noqa: F401 - before PyAV, which others below import: loaded behind it, OpenCV hangs when it opens a window

from streamdepth.files import may_be_there
from streamdepth.frames import LeftOff, SourceInfo
from streamdepth.pipeline import Pipeline, StatsSnapshot
from streamdepth.protocols import KeepsPart, Sink, Source, warnings_of
from streamdepth.reporting.events import NetworkLoaded, Observe, RunBegan, Said, Stopping, ignore
from streamdepth.reporting.observers import FrameCount, observers_of
from streamdepth.reporting.report import EngineFacts, write_report
from streamdepth.run.checks import check, check_input, nothing_written
from streamdepth.run.closing import closed_on_error
from streamdepth.run.control_video import as_control_video
from streamdepth.run.inputs import frames_to_come, is_without_depth, limits_of, report_input
from streamdepth.run.network.distances import check_calibrated_with, ruler_of
from streamdepth.run.network.engines import Engines, RunEngine
from streamdepth.run.network.loading import Loading, behind_viewers, load_network
from streamdepth.run.network.meaning import MeaningWatch, is_to_be_watched
from streamdepth.run.network.no_network import NoNetwork
from streamdepth.run.outputs.depth_files import depth_options
from streamdepth.run.outputs.files import (
    check_display,
    open_figures,
    open_files,
    open_preview,
    open_virtual_camera,
)
from streamdepth.run.outputs.live import LiveOutputs, Pages, facts_of, open_encoder, open_web
from streamdepth.run.outputs.open_page import open_page
from streamdepth.run.outputs.zone_events import open_zone_events, zones_for_page
from streamdepth.run.pictures import figures_ahead, look_of, renderer_of, reuse_of, words_of
from streamdepth.run.promise.keep import engines_that_keep, pace_of
from streamdepth.run.resume.complete_already import CompleteAlready, finish
from streamdepth.run.resume.resume import as_begun, behind, check_conditions, check_left, open_resumable
from streamdepth.run.scenes import SceneList
from streamdepth.run.sessions.session import SessionOfRun
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings, set_process_up
from streamdepth.threads.scheduling import long_turns

if TYPE_CHECKING:
    from streamdepth.live.encoder import LiveEncoder
    from streamdepth.metres.ruler import Ruler
    from streamdepth.promise.keeper import Pace
    from streamdepth.publishing.sink import Publishing
    from streamdepth.rendering import Look, Renderer
    from streamdepth.resuming.resumable_output import ResumableOutput
    from streamdepth.run.resume.begun import Begun, KnownDepth
    from streamdepth.run.whole_clip import WholeClip
    from streamdepth.sinks.events.sink import EventSink
    from streamdepth.viewers.settings import WebSettings

_ALONE = Surroundings()


class Run:
    """One run of a spec; `observe` gets its events, and `report` returns its figures at any time, also after a failure.

    `engines` gives it its engine, by default one of its own, which it loads, and `pages` its page. Raises `UsageError`
    and `SinkError` for what is wrong in the spec: then there is no place for a report either.
    """

    def __init__(
        self,
        spec: RunSpec,
        surroundings: Surroundings = _ALONE,
        observe: Observe = ignore,
        engines: Engines = load_network,
        pages: Pages = open_web,
        begun: Begun | None = None,
    ) -> None:
        spec = as_control_video(spec)
        check(spec, surroundings)
        self._spec = spec
        self._surroundings = surroundings
        self._cache_dir = surroundings.cache_dir
        self._session = SessionOfRun(spec, observe)
        self._observe = self._session.observe
        self._engines = engines_that_keep(engines, spec)
        self._pages = pages
        self._loading = Loading(self._loaded, is_aside=spec.goes_out_live)
        self._begun = begun
        self._source: Source | None = None
        self._engine: RunEngine | None = None
        self._pipeline: Pipeline | None = None
        self._resumable: ResumableOutput | None = None
        self._cuts = SceneList(spec.picture.scenes)
        self._is_there = False
        self._must_stop = False
        self._sinks: list[Sink] = []
        self._publishing: Publishing | None = None
        self._pace: Pace | None = None
        self._events: EventSink | None = None

    @property
    def is_live(self) -> bool:
        """Whether the input goes on until somebody ends it."""
        return self._source is not None and self._source.info.live

    def stop(self) -> bool:
        """Ask a run under way to end with everything closed; False when there is none yet."""
        self._observe(Stopping())
        self._must_stop = True
        if self._pipeline is not None:
            self._pipeline.stop()
        return self._pipeline is not None

    def execute(self) -> StatsSnapshot:
        """Do it all; raises `StreamdepthError` for whatever was wrong."""
        try:
            return self._executed()
        except CompleteAlready:
            self._is_there = True
            return self._session.stats.snapshot()

    def _executed(self) -> StatsSnapshot:
        spec = self._spec = self._session.spec_of(self._spec)
        live = LiveOutputs.of(spec)
        set_process_up()
        look = look_of(spec)
        check_display(spec, self._surroundings.environ, self._observe)
        whole = self._known_depth()
        try:
            if whole is not None and self._was_stopped():
                return self._session.stats.snapshot()
            return self._rendered(live, look, whole)
        finally:
            if whole is not None:
                whole.discard()

    def _known_depth(self) -> KnownDepth | None:
        if self._begun is not None:
            self._engine = self._begun.engine
            return self._begun.depth
        return self._looked_through() if self._spec.picture.range == "global" else None

    def _looked_through(self) -> WholeClip:
        """The depth of the whole input, with its range."""
        from streamdepth.run.whole_clip import WholeClip, beside, first_pass, refuse_live

        spec = self._spec
        source = self._source = self._session.open_input(spec, lambda: self._must_stop)
        with closed_on_error(source, []):
            refuse_live(source.info)
            check_left(spec, source.info, self._cache_dir, self._observe)
            info, brings_depth = source.info, self._session.brings_depth(source.info)
            engine = NoNetwork() if brings_depth else self._network(info, None)
            whole = WholeClip(beside(spec))
            self._pipeline = first_pass(source, engine, spec, self._cuts.scenes)
        self._observe(Said("determining the range of the whole input first"))
        to_come = frames_to_come(source.info, spec.amount)
        self._observe(RunBegan(False, True, to_come, ahead=to_come or 0))
        with whole.discarded_on_error():
            self._pipeline.run([whole, FrameCount(self._observe)])
        return whole

    def _rendered(self, live: LiveOutputs, look: Look, whole: KnownDepth | None) -> StatsSnapshot:
        spec = self._spec
        if (
            is_without_depth(spec) and not spec.input.switch_to
        ):  # a mistyped choice is reported before anything else
            self._loading.begin()
        source = self._source = self._open_source()
        if whole is not None and whole.count:
            source = self._source = whole.with_depth(source)
        somebody_waits = source.info.live or spec.goes_out_live
        with nullcontext() if somebody_waits else long_turns():
            self._pipeline = self._assembled(source, live, look, whole)
            to_come = self._frames_to_come(source.info, whole)
            behind = 0 if whole is None else whole.behind
            done_before = self._done_before if self._begun is None else 0
            is_work = spec.writes_files or spec.is_for_events_alone
            self._observe(RunBegan(source.info.live, is_work, to_come, done_before, behind))
            snapshot = self._pipeline.run(self._sinks)
        self._report_warnings(source, *self._sinks)
        if not snapshot.written and not self._pipeline.was_stopped:
            raise nothing_written(snapshot)
        if self._pipeline.was_stopped:
            return snapshot
        finish(spec, source.info, self._resumable, self.report, self._cache_dir, self._observe)
        if self._publishing is not None:
            self._publishing.check_sent()
        return snapshot

    def _open_source(self) -> Source:
        """The input; of a film that goes on, behind what is done."""
        spec = self._spec
        with self._loading.loading_error_first():
            source = self._session.open_input(spec, lambda: self._must_stop or self._loading.has_failed)
        with closed_on_error(source, []):
            self._resumable = (
                open_resumable(spec, source.info, lambda: self._must_stop, self._observe, self._cache_dir)
                if self._begun is None
                else self._begun.resumable
            )
        with closed_on_error(source, [] if self._resumable is None else [self._resumable]):
            return behind(source, self._resumable, spec, self._observe)

    def _assembled(
        self, source: Source, live: LiveOutputs, look: Look, whole: KnownDepth | None = None
    ) -> Pipeline:
        """Network and outputs for an open input, which is closed again where one of them fails."""
        spec = self._spec
        with closed_on_error(source, self._sinks, self._resumable):
            report_input(spec, source.info, self._observe)
            check_input(spec, source.info)
            ruler = ruler_of(spec.input.metres)
            span = None if whole is None else whole.span
            renderer = renderer_of(
                spec, look, source.info, self._session.stats, ruler, span, self._cuts.scenes
            )
            brings_depth = self._session.brings_depth(source.info) or whole is not None
            if not brings_depth:
                self._loading.begin()
            self._open_outputs(live, source, renderer)
            engine = NoNetwork() if brings_depth else self._network(source.info, ruler)
            pace = self._pace = pace_of(engine, source.info, self._observe, renderer)
            self._sinks += [pace] if pace is not None else []
            if self._resumable is not None and self._engine is not None:
                check_conditions(self._resumable, self._spec, source.info, self._engine, self._observe)
                self._resumable.draw_with(renderer)
            return Pipeline(
                source,
                behind_viewers(engine) if spec.goes_out_live and pace is None else engine,
                renderer,
                limits=limits_of(spec.amount),
                stats=self._session.measured,
                interpolator=renderer if spec.picture.interpolate else None,
                left_off=self._left_off,
                reuse=reuse_of(spec.picture),
                pace=None if pace is None else pace.takes,
                witness=self._session.witness,
            )

    def report(self) -> dict[str, Any]:
        """The figures so far."""
        publish = self._publishing.figures() if self._publishing is not None else []
        figures = self._session.report(self._source, self._engine, publish)
        info = self._source.info if self._source is not None else None
        figures |= figures_ahead(self._spec, info)
        figures |= {"events": self._events.figures()} if self._events is not None else {}
        figures |= self._promise()
        figures |= {"complete_already": True} if self._is_there else {}
        return figures | ({"resumed_after": self._done_before} if self._done_before else {})

    def _promise(self) -> dict[str, Any]:
        return {} if self._pace is None else {"promise": self._pace.figures()}

    def write_report(self) -> None:
        """Write the report where it was asked for."""
        if self._spec.output.report is not None:
            write_report(self._spec.output.report, self.report())

    def kept_parts(self) -> list[Path]:
        """Playable files of a run that ended early, which do not bear their final names."""
        kept = (sink.kept for sink in self._sinks if isinstance(sink, KeepsPart))
        return [part for part in kept if part is not None and may_be_there(part)]

    @property
    def can_be_resumed(self) -> bool:
        """Whether the same run with `resume` would go on where this one ended."""
        return self._resumable is not None and self._resumable.can_go_on

    def _frames_to_come(self, info: SourceInfo, whole: KnownDepth | None) -> int | None:
        frames = frames_to_come(info, self._spec.amount) if whole is None else whole.count
        return None if frames is None else max(0, frames - self._done_before)

    @property
    def _done_before(self) -> int:
        """Pictures that an earlier run made of this film."""
        return self._left_off.taken if self._left_off is not None else 0

    @property
    def _left_off(self) -> LeftOff | None:
        return self._resumable.left_off if self._resumable is not None else None

    def _open_outputs(self, live: LiveOutputs, source: Source, renderer: Renderer) -> None:
        """Files, window, network, in this order, and last those that report progress."""
        spec, observe, environ = self._spec, self._observe, self._surroundings.environ
        spool = self._resumable.spool if self._resumable is not None else None
        self._sinks += self._session.open_outputs(source, self._facts, self.report)
        depth = depth_options(spec, observe, source.info, self._facts, self._was_stopped, spool)
        try:
            self._sinks += open_files(spec, source, observe, depth, self._resumable)
        finally:  # after the film, whose pictures it notes
            self._sinks += [self._resumable] if self._resumable is not None else []
        self._sinks += self._cuts.sinks(self._left_off, source.info)
        self._events = open_zone_events(spec, source.info, observe, self._session.event_writers)
        self._sinks += [self._events] if self._events is not None else []
        if spec.shows_window:
            words = words_of(spec, source.info, renderer, self._session.stats)
            self._sinks.append(open_preview(source, renderer, words, self._facts, environ, observe))
        self._sinks += open_virtual_camera(spec, renderer.look, source.info, observe)
        if spec.goes_out_live:
            self._open_live(live, source, renderer)
        self._sinks += open_figures(spec, lambda: {"": self.report()})
        if is_to_be_watched(spec.network.model, source.info):
            self._sinks.append(MeaningWatch(self._warn))
        pulse_every = self._surroundings.pulse_every
        self._sinks += observers_of(source, self._session.stats, observe, pulse_every=pulse_every)

    def _facts(self) -> EngineFacts | None:
        return self._engine or self._session.network

    def _was_stopped(self) -> bool:
        return self._pipeline is not None and self._pipeline.was_stopped

    def _open_live(self, live: LiveOutputs, source: Source, renderer: Renderer) -> None:
        """The encoder, and after it those that it serves: it has a picture before they are notified."""
        encoder = open_encoder(source.info)
        self._sinks.append(encoder)
        if live.web is not None:
            self._sinks.append(self._open_web(live.web, encoder, source, renderer))
        if live.destinations:
            self._publishing = live.publish(encoder, self._observe)
            self._sinks.append(self._publishing)

    def _open_web(
        self, settings: WebSettings, encoder: LiveEncoder, source: Source, renderer: Renderer
    ) -> Sink:
        zones = zones_for_page(self._events, self._spec)
        facts = facts_of(self._spec, self.report, self._session.stats, zones, self._promise)
        sink = self._pages(settings, encoder, renderer, source, facts, self._observe)
        if self._spec.web.open:
            open_page(sink.address, self._surroundings.environ, self._warn)
        return sink

    def _network(self, info: SourceInfo, ruler: Ruler | None) -> RunEngine:
        engine = self._engine = self._loading.ready_for(info)
        check_calibrated_with(ruler, engine)
        self._observe(NetworkLoaded(engine.name, engine.runtime_name, engine.precision))
        return engine

    def _loaded(self) -> RunEngine:
        network = as_begun(self._spec.wanted_network, self._resumable)
        return self._engines(network, self._cache_dir, self._observe)

    def _report_warnings(self, *stages: Source | Sink) -> None:
        for warning in (one for stage in stages for one in warnings_of(stage)):
            self._warn(warning)

    def _warn(self, line: str) -> None:
        self._observe(Said(line, is_warning=True))
