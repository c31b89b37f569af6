"""What an earlier run left of a film, and from where it can be gone on with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from streamdepth.depthfiles.spool_file import SpoolFile, part_of_spool
from streamdepth.errors import SinkError
from streamdepth.files import journal_path, part_path, second_part_path, state_path
from streamdepth.resuming.journal import Border, Journal, read_journal
from streamdepth.resuming.states import KeptState, KeptStates, read_states
from streamdepth.sinks.movie.old_part import whole_segments
from streamdepth.values import dataclass

BEGIN_ANEW = "--no-resume starts anew"


@dataclass(frozen=True, eq=False)
class Leftover:
    """A part with a journal of at least one border, and the states of its last borders."""

    part: Path
    """Of the film, or where there is none, the spool of its depth."""
    is_film: bool
    journal: Journal
    states: KeptStates

    @property
    def newest(self) -> Border:
        """The last border that was noted."""
        return self.journal.borders[-1]

    def usable(self, spool: SpoolFile | None = None) -> tuple[Journal, KeptState] | None:
        """The journal up to the last border whose pictures and maps are all on disk, and the state there.

        Reads all of it; `spool` is where the depth of this film waits, and keeps what is used. None where it was only
        begun. Raises `SinkError` where it lacks what was on disk already.
        """
        borders = self.journal.borders
        whole = whole_segments(self.part, [one.segment for one in borders]) if self.is_film else len(borders)
        states = {state.pictures: state for state in self.states.states}
        lacking = self.part
        for count in range(whole, 0, -1):
            border = borders[count - 1]
            state = states.get(border.left_off.taken)
            if state is not None and spool is not None and not spool.go_on_after(border.maps):
                lacking = spool.at
            elif state is not None:
                return self.journal.up_to(count), state
        if borders[0].left_off.taken in states:
            return None
        raise SinkError(f"{lacking} is damaged or of another release, and cannot be resumed", BEGIN_ANEW)


def left_of(film: Path | None, depth: Path | None = None) -> Leftover | None:
    """What is left of a film, or else of the depth of one, with that final name.

    None where nothing can be gone on with.
    """
    final = film or depth
    assert final is not None
    part = part_path(film) if film is not None else part_of_spool(final)
    journal = read_journal(journal_path(final))
    if journal is None or not journal.borders or not part.is_file():
        return None
    return Leftover(part, film is not None, journal, read_states(state_path(final)))


def notes_of(final: Path) -> Iterable[Path]:
    """The files beside a part that go with it."""
    return journal_path(final), state_path(final), second_part_path(final)
