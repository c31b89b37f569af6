"""An output that outlives its process: notes beside it say what it depends on, and at each border how to go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from av.packet import Packet
from av.stream import Stream

from streamdepth.counted import counted
from streamdepth.depthfiles.spool_file import SpoolFile, place_of_spool
from streamdepth.errors import SinkError
from streamdepth.files import OutputFile, journal_path, state_path
from streamdepth.frames import Frame, LeftOff, Rendered
from streamdepth.pixels import sum_of
from streamdepth.protocols import Notify, Restorable
from streamdepth.rendering import StreamState
from streamdepth.resuming.conditions import differences
from streamdepth.resuming.journal import Border, Journal, JournalFile
from streamdepth.resuming.leftover import BEGIN_ANEW, Leftover, left_of, notes_of
from streamdepth.resuming.room import Room
from streamdepth.resuming.states import LAG, KeptState, KeptStates, write_states
from streamdepth.sinks.movie.borders import Segment
from streamdepth.sinks.movie.old_part import packets_of
from streamdepth.values import dataclass

EVERY = 250
"""Pictures between two borders: x264 has a key frame at least as often anyway (docs/benchmarks/files.md)."""
WORTH_ASKING = 60.0
"""Seconds of work that are not overwritten unless somebody says so."""
_NOTHING = Journal({}, {})
NO_FILM = Segment(b"", Fraction(1), (), 0)
"""What lies between two borders of depth alone."""


@dataclass(frozen=True)
class Places:
    """Where a resumable output goes: a film, the maps of its depth, or both."""

    final: Path
    """The name of the film, or else that of its depth: its notes lie beside it."""
    film: OutputFile | None
    spool: SpoolFile | None
    patience: Room

    @property
    def can_be_found(self) -> bool:
        """Whether a later run finds what this one leaves."""
        return all(one is None or one.can_be_found for one in (self.film, self.spool))

    def release(self) -> None:
        """Let go of both and leave them as they are."""
        if self.film is not None:
            self.film.release()
        if self.spool is not None:
            self.spool.release()

    def discard(self) -> None:
        """Let go of both; maps that wait are of no use to anybody."""
        if self.spool is not None:
            self.spool.close()
            self.spool.discard()
        self.release()


class BegunOtherwise(SinkError):
    """What is left of a film was made under other conditions, so that going on would make another film of it."""


class ResumableOutput:
    """The `Borders` of a film, and the sink after its own, which notes what each border takes.

    Made by `claim`. `file` is taken over by the film's sink, `spool` by that of its depth; `patience` is for what else
    is written. Where there is depth alone, the borders are where they would be in its film.
    """

    every = EVERY

    def __init__(
        self,
        places: Places,
        earlier: tuple[Journal, KeptState] | None = None,
        clock: Callable[[], float] = time.monotonic,
        packets: Callable[[Sequence[Segment]], Iterator[Packet[Stream]]] | None = None,
    ) -> None:
        """`packets` gives those of segments that are not in the part that an earlier run left."""
        self.final = places.final
        self._packets = packets or (lambda segments: packets_of(self.file.at, segments))
        self.spool = places.spool
        self.patience = places.patience
        self._film = places.film
        self.can_go_on = earlier is not None
        """Whether a later run could go on with what there is."""
        self._clock = clock
        self._began = clock()
        self._earlier = earlier[0] if earlier is not None else _NOTHING
        self._state = earlier[1] if earlier is not None else None
        self._kept = KeptStates() if self._state is None else KeptStates((self._state,))
        self._now = _NOTHING
        self._has_begun = False
        self._renderer: Restorable[StreamState] | None = None
        self._journal: JournalFile | None = None
        self._first: Fraction | None = None
        self._count = self.left_off.taken if self.left_off is not None else 0
        self._at_border: tuple[KeptState, LeftOff, int] | None = None
        if self.spool is not None:
            self.spool.stays = lambda: self.can_go_on

    @property
    def file(self) -> OutputFile:
        """See `Borders`; there is a film."""
        assert self._film is not None
        return self._film

    @property
    def has_film(self) -> bool:
        """Whether there is one."""
        return self._film is not None

    @property
    def chosen(self) -> Mapping[str, str]:
        """What `auto` came to when the film was begun; empty where it begins now."""
        return self._earlier.chosen

    @property
    def now(self) -> Journal:
        """What it depends on and what `auto` came to, once `go_on_under` was called."""
        return self._now

    @property
    def left_off(self) -> LeftOff | None:
        """The last picture that an earlier run is good for."""
        return self._earlier.borders[-1].left_off if self._earlier.borders else None

    @property
    def earlier(self) -> Sequence[Segment]:
        """See `Borders`."""
        return [border.segment for border in self._earlier.borders]

    def packets(self) -> Iterator[Packet[Stream]]:
        """See `Borders`."""
        return self._packets(self.earlier)

    def go_on_under(
        self, conditions: Mapping[str, str], chosen: Mapping[str, str], may_differ: Notify | None
    ) -> None:
        """Compare what the film depends on with what it did; where it differs and may, `may_differ` is called.

        Raises `BegunOtherwise` where it may not.
        """
        self._now = Journal(conditions, chosen, self._earlier.borders)
        differ = "; ".join(differences(self._earlier.conditions, conditions)) if self.can_go_on else ""
        if differ and may_differ is None:
            raise BegunOtherwise(
                f"{self.final} was started with other settings: {differ}",
                f"--resume any continues all the same, and {BEGIN_ANEW}",
            )
        if differ and may_differ is not None:
            may_differ(f"{self.final.name} continues with other settings: {differ}")

    def draw_with(self, renderer: Restorable[StreamState]) -> None:
        """Note the state of this renderer at borders, and give it that of the last one."""
        self._renderer = renderer
        if self._state is not None:
            renderer.restore(self._state.stream)

    def begins(self) -> None:
        """See `Borders`: from here on the notes are those of this run."""
        self._has_begun = True
        if self.can_go_on:
            self._open_journal()
            return
        self._remove_notes()

    def check(self) -> None:
        """See `Borders`."""
        self.patience.check()

    def write(self, rendered: Rendered) -> None:
        """Count a picture that the film has; the last one before a border is noted."""
        if self._film is None:
            self._pass_border()
        frame = rendered.estimate.frame
        self._count += 1
        self._first = frame.pts if self._first is None else self._first
        if self._count % self.every == 0 and self._renderer is not None:
            state = KeptState(self._count, frame.pts, self._renderer.state)
            maps = self.spool.count if self.spool is not None else 0
            self._at_border = state, self._left_off_at(frame), maps

    def _pass_border(self) -> None:
        """What a film's sink does: borders of depth alone."""
        if not self._has_begun:
            self.begins()
        if self._at_border is not None:
            self.reached(NO_FILM)

    def reached(self, segment: Segment) -> None:
        """See `Borders`: note it, once what was written before is on disk."""
        assert self._at_border is not None
        (state, left_off, maps), self._at_border = self._at_border, None
        if self.spool is not None:
            self.spool.sync()
        if self._film is not None:
            self._film.sync()
            if left_off.pts >= self._copied_up_to + LAG:
                self._film.take_second()
        self._kept = self._kept.after(state)
        self.patience.for_all_of(lambda: write_states(state_path(self.final), self._kept))
        journal = self._journal or self._open_journal()
        journal.add(Border(left_off, self._seconds, segment, maps))
        self.can_go_on = True

    def close(self, *, complete: bool = True) -> None:
        """Take the notes away where the film is whole; else they stay beside its part."""
        if self._journal is not None:
            self._journal.close()
        if self._film is not None:
            self._film.release()
        if complete and not (self._film is not None and self._film.at.exists()):
            self.can_go_on = False
            self._remove_notes()
            if self.spool is not None and self.spool.is_read:
                self.spool.discard()
        if self.spool is not None:
            self.spool.release()

    def _remove_notes(self) -> None:
        for path in notes_of(self.final):
            path.unlink(missing_ok=True)

    @property
    def _copied_up_to(self) -> Fraction:
        return self.left_off.pts if self.left_off is not None else Fraction(0)

    @property
    def _seconds(self) -> float:
        before = self._earlier.borders[-1].seconds if self._earlier.borders else 0.0
        return round(before + self._clock() - self._began, 1)

    def _left_off_at(self, frame: Frame) -> LeftOff:
        first = self.left_off.first if self.left_off is not None else self._first
        assert first is not None
        return LeftOff(frame.index, frame.pts, sum_of(frame.picture), self._count, first)

    def _open_journal(self) -> JournalFile:
        self._journal = JournalFile(journal_path(self.final), self._now, self.patience)
        return self._journal


def claim(
    film: Path | None,
    depth: Path | None,
    resume: bool | str | None,
    must_stop: Callable[[], bool],
    notify: Notify,
    clock: Callable[[], float] = time.monotonic,
) -> ResumableOutput | None:
    """Take the names of a film and of its depth, and what an earlier run left of them where it is to go on (`resume`).

    None where the disk has no locks: a part then has a name that nobody finds again. `must_stop` ends a wait for room;
    `notify` gets what happens. Raises `SinkError` where a name is taken, where nothing was said (None) and much
    would be lost, and where what is left cannot be gone on with.
    """
    places = take_places(film, depth, must_stop, notify)
    final = places.final
    if not places.can_be_found:
        places.release()
        if resume:
            notify(f"the disk of {final} has no locks, so nothing is kept there to resume from")
        return None
    try:
        left = asked_for(left_of(film and places.final, depth), resume)
        earlier = left.usable(places.spool) if left is not None else None
    except BaseException:
        places.release()
        raise
    if resume and earlier is None:
        saved = f"a run saves its place every {EVERY} pictures"
        notify(f"nothing of {final.name} can be resumed ({saved}): it is rendered from its start")
    if earlier is not None:
        done = earlier[0].borders[-1].left_off
        notify(
            f"{final.name} has {counted(done.taken, 'picture')} of an earlier run, up to {float(done.pts):.1f} s"
        )
    return ResumableOutput(places, earlier, clock)


def take_places(
    film: Path | None, depth: Path | None, must_stop: Callable[[], bool], notify: Notify
) -> Places:
    """Take the names of a film and of its depth; raises `SinkError` where one is taken."""
    file = OutputFile.begin(film) if film is not None else None
    final = file.path if file is not None else depth
    assert final is not None
    room = Room(final, must_stop, notify)
    try:
        spool = SpoolFile(place_of_spool(depth), room) if depth is not None else None
    except BaseException:
        if file is not None:
            file.release()
        raise
    return Places(final, file, spool, room)


def asked_for(left: Leftover | None, resume: bool | str | None) -> Leftover | None:
    """What is left, where it is to be gone on with; raises `SinkError` where nothing is said and much would be lost."""
    if left is None or resume is False:
        return None
    if resume is None and left.newest.seconds < WORTH_ASKING:
        return None
    if resume is None:
        raise SinkError(
            f"{left.part} holds {counted(left.newest.left_off.taken, 'picture')} of an interrupted run",
            f"--resume continues it, and {BEGIN_ANEW}",
        )
    return left
