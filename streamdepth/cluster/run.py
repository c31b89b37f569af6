"""A run on a cluster, as the command line and others use it: with the same words and the same film as `run.Run`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamdepth.cluster.everywhere import lane_threads, same_everywhere
from streamdepth.cluster.executor import LOCAL, Executor
from streamdepth.cluster.film import (
    Division,
    Maps,
    Workplace,
    divide,
    journal_of,
    last_state,
    make_folder,
    note_conditions,
    packets_in,
)
from streamdepth.cluster.handed import handed, left_in, place_in, take_away, with_needed
from streamdepth.cluster.kept import free, has_pieces
from streamdepth.cluster.steady import steady
from streamdepth.cluster.store import check_store
from streamdepth.cluster.tasks import Film
from streamdepth.depthfiles.spool_file import SpoolFile
from streamdepth.errors import StopRequested, UsageError
from streamdepth.files import with_end
from streamdepth.frames import Rendered, SourceInfo
from streamdepth.pipeline import StatsSnapshot
from streamdepth.protocols import Notify
from streamdepth.reporting.events import (
    FrameWritten,
    InputOpened,
    NetworkLoaded,
    Observe,
    OutputsClosed,
    RunBegan,
    Said,
    Stopping,
    ignore,
)
from streamdepth.reporting.report import write_report
from streamdepth.resuming.resumable_output import EVERY, NO_FILM, Places, ResumableOutput, take_places
from streamdepth.run.checks import check
from streamdepth.run.inputs import frames_to_come, open_input
from streamdepth.run.network.engines import Engines, RunEngine
from streamdepth.run.network.loading import load_network
from streamdepth.run.outputs.depth_files import depth_options
from streamdepth.run.pictures import horizon_of, stream_of
from streamdepth.run.resume.begun import Begun
from streamdepth.run.resume.complete_already import complete_already
from streamdepth.run.resume.resume import (
    conditions_of,
    may_be_complete,
    places_of,
    refuse_loss,
    refuse_loss_beside,
)
from streamdepth.run.run import Run
from streamdepth.run.scenes import SceneList
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings
from streamdepth.run.unfit_options import DIVIDED_FILM, is_given, options_in
from streamdepth.sinks.movie.containers import container_of
from streamdepth.sinks.movie.options import MovieOptions

_ALONE = Surroundings()
_OF_EACH = ("captured", "inferred", "rendered", "written")
"""What is counted of each picture, whoever drew it."""
Begin = Callable[[str, Notify], Executor]
"""Makes the executor at an address."""


class ClusterRun:
    """One film by many workers, in the same words as `Run`.

    `begin` makes the executor, and `engines` the network that is inspected here: what `auto` means is decided once.
    Raises as `Run` does, and `ClusterError`.
    """

    every = EVERY

    def __init__(
        self,
        spec: RunSpec,
        begin: Begin,
        surroundings: Surroundings = _ALONE,
        observe: Observe = ignore,
        engines: Engines = load_network,
    ) -> None:
        check(spec, surroundings)
        check_for_cluster(spec)
        check_store(spec.output.cluster_store)
        self._spec = spec
        self._begin = begin
        self._surroundings = surroundings
        self._observe = observe
        self._engines = engines
        self._must_stop = False
        self._run: Run | None = None
        self._count = 0
        self._began = time.monotonic()

    is_live = False

    def stop(self) -> bool:
        """Ask it to end soon; what was done is kept."""
        self._must_stop = True
        if self._run is not None:
            return self._run.stop()
        self._observe(Stopping())
        return True

    def execute(self) -> StatsSnapshot:
        """Do it all; raises `StreamdepthError` for whatever was wrong."""
        division = self._divided()
        if division is None:  # an earlier run has done it, as one on this machine alone finds
            self._run = Run(self._spec, self._surroundings, self._observe)
            return self._run.execute()
        engine = self._engines(self._spec.wanted_network, self._surroundings.cache_dir, self._observe)
        self._observe(NetworkLoaded(engine.name, engine.runtime_name, engine.precision))
        with closing(self._begin(str(self._spec.output.cluster), self._say)) as executor:
            try:
                begun = self._begun(executor, division, engine)
            except StopRequested:
                if self._folder.exists():
                    self._say(f"what was done is kept in {self._folder}; the same command continues")
                self._observe(OutputsClosed(complete=False))
                return StatsSnapshot()
        self._run = Run(self._spec, self._surroundings, self._observe, begun=begun)
        stats = self._run.execute()
        if not self._run.kept_parts():
            free(self._folder)
        return _with_those(stats, self._run.report().get("resumed_after", 0), time.monotonic() - self._began)

    def report(self) -> dict[str, Any]:
        """The figures of the run that joined with the pictures that workers drew, which are counted; empty before."""
        report = self._run.report() if self._run is not None else {}
        drawn = report.pop("resumed_after", 0)
        if not drawn:
            return report
        seconds = time.monotonic() - self._began
        frames = report["frames"] | {name: report["frames"][name] + drawn for name in _OF_EACH}
        pace = {"seconds": round(seconds, 3), "fps": round(frames["written"] / seconds, 2)}
        return report | pace | {"frames": frames, "drawn_by_workers": drawn}

    def write_report(self) -> None:
        """Write the report where it was asked for."""
        if self._spec.output.report is not None and self._run is not None:
            write_report(self._spec.output.report, self.report())

    def kept_parts(self) -> list[Path]:
        """As `Run`."""
        return self._run.kept_parts() if self._run is not None else []

    can_be_resumed = False

    @property
    def _folder(self) -> Path:
        output = self._spec.output.output or self._spec.output.depth_output
        assert output is not None, "checked before"
        return with_end(output.resolve().with_name(output.name), ".cluster")

    def _divided(self) -> Division | None:
        """The film in pieces; None where all is there already."""
        source = open_input(self._spec, self._observe)
        try:
            self._observe(InputOpened(source.info))
            refuse = refuse_loss if self._folder.exists() else refuse_loss_beside
            refuse(self._spec, source.info)
            if not self._folder.exists() and self._is_complete(source.info):
                return None
            division = divide(source, self._spec, self.every)
        finally:
            source.close()
        if division is None:
            raise UsageError(
                "--cluster is for films in MP4, MOV, Matroska or WebM files", "leave it out for this input"
            )
        return division

    def _is_complete(self, info: SourceInfo) -> bool:
        """Whether `--resume` is said and all is there; raises as `complete_already`."""
        cache_dir = self._surroundings.cache_dir
        return may_be_complete(self._spec, info) and complete_already(self._spec, cache_dir) is not None

    def _film(self, division: Division, engine: RunEngine) -> Film:
        """The film as all workers get it; the folder is made."""
        spec, folder = self._spec, self._folder
        conditions, _ = conditions_of(spec, division.info, engine)
        left = left_in(folder)
        mark = make_folder(folder, conditions, anew=spec.output.resume is False, notify=self._say)
        store = place_in(spec.output.cluster_store, mark)
        if left is not None and left != store:
            take_away(folder, left, self._say)
        everywhere = same_everywhere(spec, engine, lane_threads(spec.network, engine))
        film = Film(everywhere, folder, mark, self._surroundings.cache_dir, store)
        return with_needed(film, lambda: self._must_stop)

    def _begun(self, executor: Executor, division: Division, engine: RunEngine) -> Begun:
        """All three passes, and what the run that joins is to take over.

        Names are taken before the folder is touched, in which another run of that name works.
        """
        film_name, depth_name = places_of(self._spec, division.info)
        places = take_places(film_name, depth_name, lambda: self._must_stop, self._say)
        try:
            film = self._film(division, engine)
            with handed(film, executor, self._say, lambda: self._must_stop) as hands:
                at = Workplace(film, executor, hands, self._say, lambda: self._must_stop)
                return self._passed(at, division, engine, places)
        except BaseException:
            places.discard()
            if not has_pieces(self._folder) and left_in(self._folder) is None:
                free(self._folder)
            raise

    def _passed(self, at: Workplace, division: Division, engine: RunEngine, places: Places) -> Begun:
        info, folder, spec = division.info, at.folder, self._spec
        at.greet()
        pieces, is_film = division.pieces(self.every), places.film is not None
        to_come = frames_to_come(info, spec.amount)
        self._advancing("depth is inferred", RunBegan(False, True, to_come, ahead=(to_come or 0) * is_film))
        at.infer(pieces, self._advance)
        take = self._keeper(places.spool, info, engine)
        cuts = SceneList(spec.picture.scenes)
        known = steady(folder, len(pieces), stream_of(spec, info, cuts.scenes), self.every, spec.amount, take)
        for found in cuts.sinks(None, info):
            found.close()
        conditions = conditions_of(spec, info, engine)
        note_conditions(folder, conditions[0])  # in which a list of cuts counts that was just found
        span = known.span if spec.picture.range == "global" else None
        segments, drawn = [NO_FILM] * len(known.left_off), 0
        if is_film:
            drawn = len(known.left_off) * self.every
            rest = known.count - drawn
            self._advancing("the film is drawn", RunBegan(False, True, drawn, behind=known.count, ahead=rest))
            ahead = horizon_of(spec, info).pictures
            segments = at.draw(known, self.every, self._threads(), span, ahead, self._advance)
        seconds, has_maps = time.monotonic() - self._began, places.spool is not None
        journal = journal_of(known, segments, conditions, seconds, has_maps=has_maps)
        earlier = (journal, last_state(folder, known, span)) if known.left_off else None
        resumable = ResumableOutput(places, earlier, packets=packets_in(folder))
        return Begun(resumable, Maps(known, span, drawn), engine)

    def _keeper(
        self, spool: SpoolFile | None, info: SourceInfo, engine: RunEngine
    ) -> Callable[[Rendered], None]:
        """What keeps depth as the sink of depth would."""
        from streamdepth.sinks.depth.taken import Taken

        options = depth_options(self._spec, self._observe, info, lambda: engine, lambda: self._must_stop)
        taken = Taken(info, options, "clip")

        def keep(rendered: Rendered) -> None:
            entry = taken(rendered) if spool is not None else None
            if entry is not None and spool is not None:
                spool.write(entry, lambda: taken.facts().to_json())

        return keep

    def _threads(self) -> int:
        """Of an encoder: as many as one run would give it, on every machine."""
        output = self._spec.output.output
        kind = container_of(output) if output is not None else None
        assert kind is not None
        options = MovieOptions(**vars(self._spec.encoding))
        return options.wanted(options.codec_for(kind), live=False).threads

    def _advancing(self, what: str, began: RunBegan) -> None:
        cluster = self._spec.output.cluster
        self._say(f"{what} by {'workers of this machine' if cluster == LOCAL else cluster}")
        self._count = 0
        self._observe(began)

    def _advance(self, pictures: int) -> None:
        for _ in range(pictures):
            self._count += 1
            self._observe(FrameWritten(self._count))

    def _say(self, line: str) -> None:
        self._observe(Said(line))


def _with_those(stats: StatsSnapshot, pictures: int, seconds: float) -> StatsSnapshot:
    """The figures of the run that joined with the pictures that workers drew."""
    counts = {name: getattr(stats, name) + pictures for name in _OF_EACH}
    return replace(stats, **counts, seconds=seconds)


def undividable(spec: RunSpec) -> str | None:
    """What of it, in words of the command line, keeps a film from being divided, if anything does."""
    unfit = [option for option in options_in(DIVIDED_FILM) if is_given(spec, option)]
    if spec.is_watched:
        unfit.append("a window, --webrtc, --publish and --virtual-camera")
    if spec.input.camera is not None:
        unfit.append("a camera")
    return unfit[0] if unfit else None


def check_for_cluster(spec: RunSpec) -> None:
    """Raise `UsageError` for what cannot be divided."""
    if (what := undividable(spec)) is not None:
        raise UsageError(f"{what} {DIVIDED_FILM[0].why}", DIVIDED_FILM[0].cure)
