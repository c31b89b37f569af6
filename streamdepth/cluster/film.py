"""A film on a cluster: divided, inferred, steadied and drawn, and then joined as an interrupted run is gone on with."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from av.packet import Packet
from av.stream import Stream

from streamdepth.cluster.errors import ClusterError
from streamdepth.cluster.executor import Executor
from streamdepth.cluster.handed import Handed, with_needed
from streamdepth.cluster.kept import (
    MARK,
    Joint,
    entries_of,
    free,
    in_sequence,
    mark_in,
    meaning_of,
    packets_of,
    read_piece,
    read_state,
    segment_path,
)
from streamdepth.cluster.steady import Steadied
from streamdepth.cluster.tasks import Answer, Draw, Film, Greet, Infer, MapsAt, Piece, Task
from streamdepth.cluster.work import this_machine
from streamdepth.errors import SinkError
from streamdepth.files import write_whole
from streamdepth.frames import DepthRange, SourceInfo
from streamdepth.protocols import Divisible, Notify, Source
from streamdepth.resuming.conditions import differences
from streamdepth.resuming.journal import Border, Journal
from streamdepth.resuming.states import KeptState
from streamdepth.run.spec import RunSpec
from streamdepth.run.whole_clip import WithDepth
from streamdepth.sinks.movie.borders import Segment
from streamdepth.values import dataclass

_CONDITIONS = "conditions.json"
_GREET_SECONDS = 120.0
"""For the first worker to say anything: Ray starts one in some seconds, and a cluster that grows takes a minute."""


@dataclass(frozen=True)
class Division:
    """What is known of a film before it is divided."""

    info: SourceInfo
    first: Fraction
    """When its first picture is shown."""
    places: tuple[Fraction, ...]
    """When the last picture of each piece is shown, but for that of the last one."""

    def pieces(self, every: int) -> list[Piece]:
        """All of them; the last ends with the film."""
        ends: list[Fraction | None] = [*self.places, None]
        begins: list[Fraction | None] = [None, *self.places]
        return [
            Piece(number, after, until, self.first, number * every)
            for number, (after, until) in enumerate(zip(begins, ends, strict=True))
        ]


def divide(source: Source, spec: RunSpec, every: int) -> Division | None:
    """How a film falls into pieces of about `every` pictures; None where its container does not say."""
    if source.info.live or not isinstance(source, Divisible):
        return None
    places = list(source.places(every))
    frame = source.read()
    if frame is None or (not places and (source.info.frame_count or 0) > every):
        return None
    amount = spec.amount
    if amount.duration is not None:
        places = [place for place in places if place - frame.pts < amount.duration]
    if amount.frames is not None:
        places = places[: amount.frames // every + 1]
    return Division(source.info, frame.pts, tuple(places))


class Workplace:
    """The folder of a film on a cluster, and its workers."""

    def __init__(
        self, film: Film, executor: Executor, hands: Handed, notify: Notify, must_stop: Callable[[], bool]
    ) -> None:
        self.folder = film.folder
        self._film = film
        self._executor = executor
        self._hands = hands
        self._notify = notify
        self._must_stop = must_stop
        self._own = this_machine(film)
        self._strangers: set[str] = set()

    def greet(self) -> None:
        """Find out whether anybody works there, and sees the folder; raises `ClusterError`, `SinkError`."""
        first = Task("the first worker", Greet(self._film), weight=0, bound=_GREET_SECONDS)
        self._run([first], lambda _task, _answer: None)

    def infer(self, pieces: Sequence[Piece], advance: Callable[[int], None]) -> None:
        """First pass; pieces that are kept already stay, and such as do not meet are read from the start."""
        todo: list[Piece] = []
        for piece in pieces:
            kept = read_piece(self._film.folder, piece.number)
            if kept is None and self._hands.has_left(Infer(self._film, piece)):
                kept = read_piece(self._film.folder, piece.number)
            if kept is None:
                todo.append(piece)
            else:
                advance(len(kept.glances))
        tasks = [self._task(piece) for piece in todo]
        self._run(tasks, lambda _task, answer: advance(int(answer.result)))
        again = self._apart(pieces)
        for piece in again:
            self._notify(
                f"piece {piece.number + 1} cannot be read exactly from its middle: it is read from the start"
            )
            self._run([self._task(replace(piece, from_start=True))], lambda _task, _answer: None)
        if again and self._apart(pieces):
            raise SinkError("this film cannot be divided exactly", "render it without --cluster")

    def draw(
        self,
        known: Steadied,
        every: int,
        threads: int,
        span: DepthRange | None,
        ahead: int,
        advance: Callable[[int], None],
    ) -> list[Segment]:
        """Third pass: every whole segment but the last pictures, each with a look at `ahead` pictures behind it."""
        drawn: dict[int, Segment] = {}

        def done(task: Task, answer: Answer) -> None:
            assert isinstance(task.wanted, Draw)
            drawn[task.wanted.number] = answer.result
            advance(every)

        befores = [None, *known.left_off]
        film = with_needed(self._film, self._must_stop)
        tasks = [
            Task(
                f"segment {number + 1}",
                Draw(
                    film,
                    number,
                    every,
                    before,
                    span,
                    _near(known, number * every, every + ahead),
                    known.count,
                    threads,
                ),
            )
            for number, before in enumerate(befores[: len(known.left_off)])
        ]
        self._run(tasks, done)
        return in_sequence([drawn[number] for number in sorted(drawn)])

    def _run(self, tasks: Sequence[Task], done: Callable[[Task, Answer], None]) -> None:
        lacking: list[tuple[Task, Answer]] = []

        def checked(task: Task, answer: Answer) -> None:
            if answer.trouble:
                raise ClusterError(answer.trouble, answer.cure)
            if answer.lacks is not None:
                lacking.append((task, answer))
                return
            self._compare(answer)
            self._hands.take(task.wanted)
            done(task, answer)

        for task in tasks:
            self._hands.give(task.wanted)
        self._executor.run(tasks, checked, self._must_stop)
        if lacking:
            self._hands.bring([answer for _, answer in lacking])
            self._run([task for task, _ in lacking], done)

    def _compare(self, answer: Answer) -> None:
        name, there = answer.machine.name, answer.machine.conditions
        differ = "; ".join(differences(_of_result(self._own.conditions), _of_result(there)))
        if differ and name not in self._strangers:
            self._strangers.add(name)
            self._notify(
                f"{name} differs from this machine ({differ}): the film will not be identical to one rendered "
                "here"
            )

    def _task(self, piece: Piece) -> Task:
        threads = self._film.spec.network.threads or 1
        return Task(f"piece {piece.number + 1}", Infer(self._film, piece), threads=threads)

    def _apart(self, pieces: Sequence[Piece]) -> list[Piece]:
        """The pieces that do not begin behind the picture with which the one before ends."""
        apart: list[Piece] = []
        last: Joint | None = None
        for piece in pieces:
            kept = read_piece(self._film.folder, piece.number)
            assert kept is not None, "it was just inferred"
            if kept.before != last:
                apart.append(piece)
            last = kept.last or last
        return apart


def _of_result(conditions: Mapping[str, str]) -> dict[str, str]:
    """What of them results depend on: how many threads work is decided for all."""
    return {name: value for name, value in conditions.items() if name != "the number of processors"}


def _near(known: Steadied, begin: int, count: int) -> tuple[MapsAt, ...]:
    """The maps of a segment, which may be in several pieces."""
    ends = [part.index for part in known.maps[1:]] + [known.count]
    return tuple(
        part for part, end in zip(known.maps, ends, strict=True) if part.index < begin + count and end > begin
    )


class Maps:
    """What the first pass inferred, for the run that joins: see `run.resume.begun.KnownDepth`."""

    def __init__(self, known: Steadied, span: DepthRange | None, drawn: int) -> None:
        """So many pictures are `drawn` already."""
        self.span = span
        self.count = known.count
        self.behind = known.count + drawn
        self._known = known

    def with_depth(self, source: Source) -> Source:
        """The input once more, with the depth of all pictures behind the last border."""
        known = self._known
        begin = known.left_off[-1].index + 1 if known.left_off else 0
        entries = (entry for entry in entries_of(known.maps, begin) if entry.index < known.count)
        return WithDepth(source, entries, meaning_of(known.maps))

    def discard(self) -> None:
        """The folder goes once the film is whole."""


def make_folder(folder: Path, conditions: Mapping[str, str], *, anew: bool, notify: Notify) -> str:
    """The folder that the passes share, with its mark; what an earlier try left under other conditions goes."""
    place, left = folder / _CONDITIONS, mark_in(folder)
    if left is not None and not anew and place.is_file() and place.read_bytes() == _as_json(conditions):
        notify(f"what an earlier run left in {folder} is used again")
        return left
    if _is_of_a_film(folder):
        free(folder)
    if folder.exists():
        raise SinkError(f"{folder} is in the way", "move it away, or choose another place for the output")
    try:
        folder.mkdir()
    except OSError as error:
        raise SinkError(
            f"{folder} cannot be made: {error.strerror}", "choose another place for the output"
        ) from error
    mark = uuid.uuid4().hex
    write_whole(folder / MARK, mark.encode())
    note_conditions(folder, conditions)
    return mark


def _is_of_a_film(folder: Path) -> bool:
    """Whether it may go: an earlier run made it, or it is empty."""
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    return not names or bool(names & {MARK, _CONDITIONS})


def note_conditions(folder: Path, conditions: Mapping[str, str]) -> None:
    """What the film depends on from now on, without which the folder is not used again; raises `SinkError`."""
    write_whole(folder / _CONDITIONS, _as_json(conditions))


def _as_json(conditions: Mapping[str, str]) -> bytes:
    return json.dumps(dict(conditions), indent=1).encode()


def journal_of(
    known: Steadied,
    segments: Sequence[Segment],
    begun: tuple[Mapping[str, str], Mapping[str, str]],
    seconds: float,
    *,
    has_maps: bool,
) -> Journal:
    """The journal that one run would have written up to the last border.

    `begun` is what the film depends on and what `auto` came to; `has_maps` says that its depth waits in a spool.
    """
    borders = (
        Border(left_off, seconds, segment, left_off.taken if has_maps else 0)
        for left_off, segment in zip(known.left_off, segments, strict=True)
    )
    return Journal(*begun, tuple(borders))


def packets_in(folder: Path) -> Callable[[Sequence[Segment]], Iterator[Packet[Stream]]]:
    """What reads the packets of all segments in their order."""

    def read(segments: Sequence[Segment]) -> Iterator[Packet[Stream]]:
        for number, segment in enumerate(segments):
            yield from packets_of(segment_path(folder, number), segment)

    return read


def last_state(folder: Path, known: Steadied, span: DepthRange | None) -> KeptState:
    """The renderer's state at the last border."""
    state = read_state(folder, len(known.left_off) - 1)
    return state if span is None else replace(state, stream=replace(state.stream, locked=span))
