from __future__ import annotations

from streamdepth.webrtc.liveness import LEAST_SILENCE, MOST_SILENCE, Liveness


def lost_after(attention, now, step=0.05):
    """Seconds after `now` when it is lost, while pictures go out."""
    moment = now
    while not attention.is_lost(moment):
        attention.sent(moment)
        moment += step
        assert moment < now + 60
    return moment - now


def test_who_reports_every_second_is_missed_after_three():
    attention = Liveness()
    for second in range(10):
        attention.note_report(second)
    assert 3.0 < lost_after(attention, 9) < 3.2


def test_who_reports_all_the_time_has_some_seconds_all_the_same():
    attention = Liveness()
    for tick in range(100):
        attention.note_report(tick / 100)
    assert LEAST_SILENCE < lost_after(attention, 1) < LEAST_SILENCE + 0.2


def test_who_has_hardly_reported_yet_or_seldom_does_has_long():
    attention = Liveness()
    assert lost_after(attention, 0) > MOST_SILENCE
    for second in range(0, 60, 10):
        attention.note_report(second)
    assert lost_after(attention, 50) > MOST_SILENCE


def test_while_nothing_is_sent_silence_means_nothing():
    attention = Liveness()
    for second in range(10):
        attention.note_report(second)
    assert not attention.is_lost(1000)
    assert lost_after(attention, 1000) > 3.0


def test_what_this_process_slept_is_no_silence():
    attention = Liveness()
    for second in range(10):
        attention.note_report(second)
    attention.sent(10)
    attention.excuse(60.0)
    assert not attention.is_lost(71)
    assert attention.is_lost(80)
