"""What an earlier run left of a film, and from where it can be gone on with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from streamdepth.errors import SinkError
from streamdepth.files import journal_path, part_path, second_part_path, state_path
from streamdepth.jobs.journal import Border, Journal, read_journal
from streamdepth.jobs.states import KeptState, KeptStates, read_states
from streamdepth.sinks.movie.old_part import whole_segments

BEGIN_ANEW = "--no-resume begins anew"


@dataclass(frozen=True, eq=False)
class Leftover:
    """A part with a journal of at least one border, and the states of its last borders."""

    part: Path
    journal: Journal
    states: KeptStates

    @property
    def newest(self) -> Border:
        """The last border that was noted."""
        return self.journal.borders[-1]

    def usable(self) -> tuple[Journal, KeptState] | None:
        """The journal up to the last border whose pictures are all in the part, and the state there.

        Reads the part. None where it was only begun. Raises `SinkError` where it lacks what was on disk already.
        """
        segments = [border.segment for border in self.journal.borders]
        whole = whole_segments(self.part, segments)
        states = {state.pictures: state for state in self.states.states}
        for count in range(whole, 0, -1):
            state = states.get(self.journal.borders[count - 1].left_off.taken)
            if state is not None:
                return self.journal.up_to(count), state
        if self.journal.borders[0].left_off.taken in states:
            return None
        raise SinkError(f"{self.part} is damaged and cannot be gone on with", BEGIN_ANEW)


def left_of(final: Path) -> Leftover | None:
    """What is left of the film with that final name; None where nothing can be gone on with."""
    part, journal = part_path(final), read_journal(journal_path(final))
    if journal is None or not journal.borders or not part.is_file():
        return None
    return Leftover(part, journal, read_states(state_path(final)))


def notes_of(final: Path) -> Iterable[Path]:
    """The files beside a part that go with it."""
    return journal_path(final), state_path(final), second_part_path(final)
