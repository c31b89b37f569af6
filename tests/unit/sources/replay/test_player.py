"""A recording whose viewer pauses it and moves within it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.errors import SourceError
from streamdepth.frames import Frame, Playhead, PlayState, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.protocols import Playback, Seekable
from streamdepth.sources.replay.player import CANNOT_MOVE, Player


class Film:
    """A picture every tenth of a second, the first at second 7; its name is its number. The clock only waits."""

    def __init__(self, count=100, kind="video", step=Fraction(1, 10), known=True):
        self.info = SourceInfo(4, 2, 1 / step, live=False, read_timeout=3.0, kind=kind, frame_count=count)
        self.length = step * count if known else None
        self.now = 50.0
        self.trouble = None
        self.player = Player(self, lambda: self.now, self.wait)
        self._step, self._count, self._next = step, count, 0
        self.during_wait = lambda: None

    def wait(self, seconds):
        self.now += seconds
        self.during_wait()

    def read(self):
        if self._next == self._count:
            return None
        self._next += 1
        picture = Picture.of_bgr(np.zeros((2, 4, 3), np.uint8))
        name = str(self._next - 1)
        return Frame(self._next - 1, 7 + (self._next - 1) * self._step, self.now, picture, name)

    def seek(self, position):
        if self.trouble:
            raise self.trouble
        self._next = min(int(position / self._step), self._count - 1)

    def close(self):
        pass

    def shown(self, count=1):
        """The numbers of the next pictures."""
        frames = [self.player.read() for _ in range(count)]
        return [int(frame.name) for frame in frames]

    @property
    def state(self):
        return self.player.playhead.state


def test_it_is_live_and_can_be_played_with():
    film = Film()
    assert isinstance(film, Seekable)
    assert isinstance(film.player, Playback)
    assert (film.player.info.live, film.player.info.frame_count) == (True, None)


def test_frames_come_at_their_own_speed():
    film = Film()
    frames = [film.player.read() for _ in range(4)]
    assert [frame.captured_at for frame in frames] == pytest.approx([50.0, 50.1, 50.2, 50.3])
    assert [float(frame.pts) for frame in frames] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_a_paused_picture_comes_again_until_the_film_goes_on_at_its_own_speed():
    film = Film()
    film.shown(3)
    film.player.toggle_pause()
    assert film.shown(3) == [2, 2, 2]
    assert film.state is PlayState.PAUSED
    assert film.now == pytest.approx(50.2 + 0.6)
    film.player.toggle_pause()
    assert film.shown(3) == [3, 4, 5]
    assert film.now == pytest.approx(50.2 + 0.6 + 0.2)


def test_a_pause_is_heeded_while_a_picture_is_not_due_yet_and_that_one_is_not_lost():
    film = Film(kind="image", step=Fraction(1))
    film.shown(1)
    film.during_wait = lambda: (film.player.toggle_pause(), setattr(film, "during_wait", lambda: None))
    assert film.shown(2) == [0, 0]
    assert film.now < 50.5
    film.player.toggle_pause()
    assert film.shown(2) == [1, 2]


def test_at_its_end_it_waits_and_space_plays_it_again():
    film = Film(count=3)
    assert film.shown(6) == [0, 1, 2, 2, 2, 2]
    assert film.player.playhead == Playhead(PlayState.ENDED, "0:00 / 0:00")
    film.player.toggle_pause()
    assert film.shown(3) == [0, 1, 2]
    assert film.state is PlayState.PLAYING


def test_arrows_move_by_seconds_and_add_up_before_they_are_done():
    film = Film(count=1000)
    film.shown(1)
    film.player.skip(1)
    film.player.skip(1)
    assert film.player.playhead.place == "0:10 / 1:40"
    assert film.shown(2) == [100, 101]
    film.player.skip(1, far=True)
    assert film.shown(1) == [701]
    film.player.skip(-1)
    assert film.shown(1) == [651]


def test_nobody_moves_beyond_the_beginning_or_the_end():
    film = Film(count=100)
    film.shown(1)
    film.player.skip(-1, far=True)
    assert film.shown(1) == [0]
    film.player.skip(1, far=True)
    assert film.player.playhead.place == "0:10 / 0:10"
    assert film.shown(3) == [99, 99, 99]
    assert film.player.playhead == Playhead(PlayState.ENDED, "0:10 / 0:10")
    film.player.skip(-1)
    assert film.shown(2) == [49, 50]
    assert film.state is PlayState.PLAYING


def test_a_move_while_paused_shows_the_picture_there_and_stays_paused():
    film = Film()
    film.shown(1)
    film.player.toggle_pause()
    film.player.skip(1)
    assert film.shown(3) == [50, 50, 50]
    assert film.state is PlayState.PAUSED


def test_a_move_is_told_from_what_was_before_and_time_goes_on():
    film = Film()
    before = film.player.read()
    film.player.skip(1)
    moved = film.player.read()
    film.player.skip(-1)
    back = film.player.read()
    assert [frame.connection for frame in (before, moved, back)] == [0, 1, 2]
    assert before.pts < moved.pts < back.pts
    assert before.index < moved.index < back.index


@pytest.mark.parametrize("state", [PlayState.PLAYING, PlayState.PAUSED, PlayState.ENDED])
def test_an_input_that_cannot_be_moved_within_says_so_and_goes_on(state):
    film = Film(count=3)
    film.shown({PlayState.ENDED: 4}.get(state, 1))
    if state is PlayState.PAUSED:
        film.player.toggle_pause()
    film.trouble = SourceError("no way there")
    film.player.skip(-1)
    assert film.shown(1) == [{PlayState.PLAYING: 1, PlayState.PAUSED: 0, PlayState.ENDED: 2}[state]]
    assert (film.player.playhead.trouble, film.state) == (CANNOT_MOVE, state)
    film.trouble = None
    film.player.skip(-1)
    assert film.shown(1) == [0]
    assert film.player.playhead.trouble == ""


def test_pictures_are_told_and_moved_by_their_number():
    film = Film(count=30, kind="image", step=Fraction(1))
    film.shown(1)
    assert film.player.playhead.place == "1 / 30"
    film.player.skip(1)
    assert film.shown(1) == [1]
    film.player.skip(1, far=True)
    assert film.shown(1) == [11]
    assert film.player.playhead.place == "12 / 30"


@pytest.mark.parametrize(("count", "place"), [(650, "0:00 / 1:05"), (37_000, "0:00 / 1:01:40")])
def test_times_are_told_as_a_clock_does(count, place):
    film = Film(count)
    film.shown(1)
    assert film.player.playhead.place == place


def test_a_length_that_nobody_knows_is_not_told():
    film = Film(known=False)
    film.shown(1)
    film.player.skip(1)
    assert film.player.playhead.place == "0:05"


def test_an_input_without_a_picture_is_over_at_once():
    assert Film(count=0).player.read() is None
