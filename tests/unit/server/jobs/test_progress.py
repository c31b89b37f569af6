from __future__ import annotations

from streamdepth.reporting.events import FrameWritten, RunBegan
from streamdepth.server.jobs.progress import Progress
from streamdepth.server.jobs.record import Record

NEW = Record("a", "sum", ".mp4", 10, 100.0)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def told(clock, seconds_each, counts, progress):
    for count in counts:
        clock.now += seconds_each
        progress(FrameWritten(count))
    return progress.noted(NEW).seconds_left


def test_the_time_until_the_first_picture_is_not_taken_for_that_of_each():
    clock = Clock()
    progress = Progress(clock)
    progress(RunBegan(False, True, 200))
    clock.now = 4.0
    assert told(clock, 0.125, range(1, 3), progress) is None
    assert told(clock, 0.125, range(3, 41), progress) == 20.0


def test_a_film_that_turns_out_to_have_fewer_pictures_is_sooner_over():
    progress = Progress(Clock())
    progress(RunBegan(False, True, 15_000, done_before=250))
    progress(FrameWritten(50, 400))
    assert (progress.noted(NEW).frames, progress.noted(NEW).of) == (300, 650)
    progress(FrameWritten(51))
    assert progress.noted(NEW).of == 650


def test_progress_is_of_the_whole_film_also_after_it_went_on():
    clock = Clock()
    progress = Progress(clock)
    assert progress.noted(NEW) is NEW
    progress(RunBegan(False, True, 50, done_before=250))
    told(clock, 0.5, range(1, 11), progress)
    noted = progress.noted(NEW)
    assert (noted.frames, noted.of, noted.to_json()["progress"]) == (260, 300, 260 / 300)
    assert noted.seconds_left == 20.0
    assert progress.noted(noted) is noted


def test_of_a_film_whose_length_nobody_knows_it_tells_what_is_done():
    progress = Progress()
    progress(RunBegan(False, True, None))
    progress(FrameWritten(3))
    noted = progress.noted(NEW)
    assert (noted.frames, noted.of, noted.seconds_left) == (3, None, None)


def test_a_film_that_is_gone_through_twice_is_done_after_the_second_time():
    progress = Progress()
    progress(RunBegan(False, True, 50, ahead=50))
    progress(FrameWritten(50))
    assert progress.noted(NEW).to_json()["progress"] == 0.5
    progress(RunBegan(False, True, 50, behind=50))
    progress(FrameWritten(50))
    assert progress.noted(NEW).to_json()["progress"] == 1.0
