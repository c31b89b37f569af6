"""The one clock of a recording, on packets that are made by hand."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction

import av
import pytest
from av.packet import Packet

from streamdepth.ffmpeg.clock import RecordingClock

MS = Fraction(1, 1000)
PICTURE, SOUND, WORDS = range(3)
STEP = {PICTURE: 40, SOUND: 20, WORDS: 500}


@pytest.fixture
def streams():
    container = av.open(io.BytesIO(), "w", format="matroska")
    return [
        container.add_stream("libx264", rate=25),
        container.add_stream("aac", rate=48_000),
        container.add_mux_stream("subrip", time_base=MS),
    ]


def packets(streams, *items: tuple[int, int]) -> list[Packet]:
    """One packet for each (track, milliseconds)."""
    made = []
    for track, at in items:
        packet = Packet(b"x")
        packet.stream, packet.time_base = streams[track], MS
        packet.pts = packet.dts = at
        packet.duration = STEP[track]
        made.append(packet)
    return made


def interleaved(start: int, end: int) -> list[tuple[int, int]]:
    """Picture and sound as a file has them: (track, milliseconds) by time."""
    both = [(PICTURE, at) for at in range(start, end, 40)] + [(SOUND, at) for at in range(start, end, 20)]
    return sorted(both, key=lambda item: (item[1], item[0]))


def moved(clock: RecordingClock, given: Iterable[Packet], track: int) -> list[int]:
    return [packet.dts for packet in clock.moved(given) if packet.stream.index == track]


def both(clock: RecordingClock, given: Iterable[Packet]) -> tuple[list[int], list[int]]:
    all_of_them = [(packet.stream.index, packet.dts) for packet in clock.moved(given)]
    return tuple([at for index, at in all_of_them if index == track] for track in (PICTURE, SOUND))


def test_a_clock_that_runs_on_is_left_alone(streams) -> None:
    items = interleaved(700, 2000)
    clock = RecordingClock(PICTURE, running=True)
    assert [packet.dts for packet in clock.moved(packets(streams, *items))] == [at for _, at in items]
    assert clock.jumps == 0


@pytest.mark.parametrize("anew", [0, 5, 1600, 3_600_000, -7_000_000])
def test_picture_and_sound_jump_together(streams, anew: int) -> None:
    clock = RecordingClock(PICTURE, running=True)
    given = packets(streams, *interleaved(0, 2000), *interleaved(anew, anew + 2000))
    assert both(clock, given) == (list(range(0, 4000, 40)), list(range(0, 4000, 20)))
    assert clock.jumps == 1


def test_sound_that_jumps_first_waits_for_the_picture(streams) -> None:
    second = interleaved(0, 2000)
    sound_first = sorted(second, key=lambda item: (item[1] + 200 * (item[0] == PICTURE), item[0]))
    clock = RecordingClock(PICTURE, running=True)
    given = packets(streams, *interleaved(0, 2000), *sound_first)
    assert both(clock, given) == (list(range(0, 4000, 40)), list(range(0, 4000, 20)))


def test_late_packets_from_before_the_jump_keep_their_place(streams) -> None:
    first, second = interleaved(0, 2000), interleaved(0, 2000)
    late = first.pop()
    clock = RecordingClock(PICTURE, running=True)
    given = packets(streams, *first, *second[:2][:1], late, *second[1:])
    assert both(clock, given)[1] == list(range(0, 4000, 20))


def test_words_follow_the_picture(streams) -> None:
    clock = RecordingClock(PICTURE, running=True)
    again = [*interleaved(0, 1000), (WORDS, 1000), *interleaved(1000, 2000)]
    given = packets(streams, *again, *again)
    assert moved(clock, given, WORDS) == [1000, 3000]


def test_a_pause_is_no_jump_where_clocks_do_not_run(streams) -> None:
    times = [0, 40, 3_600_000, 3_600_040]
    clock = RecordingClock(PICTURE, running=False)
    assert moved(clock, packets(streams, *((PICTURE, at) for at in times)), PICTURE) == times
    assert clock.jumps == 0


def test_a_picture_that_is_held_while_sound_goes_on_is_no_jump(streams) -> None:
    sound = [(SOUND, at) for at in range(0, 60_000, 20)]
    clock = RecordingClock(PICTURE, running=True)
    given = packets(streams, (PICTURE, 0), *sound, (PICTURE, 60_000))
    assert both(clock, given) == ([0, 60_000], list(range(0, 60_000, 20)))


def test_sound_with_a_clock_of_its_own_does_not_wait_for_ever(streams) -> None:
    clock = RecordingClock(PICTURE, running=True)
    after = [(PICTURE, at) for at in range(2000, 30_000, 40)]
    own = [(SOUND, at - 2000) for at in range(2000, 30_000, 20)]
    rest = sorted(after + own, key=lambda item: item[1] + 2000 * (item[0] == SOUND))
    picture, sound = both(clock, packets(streams, *interleaved(0, 2000), *rest))
    assert picture == list(range(0, 30_000, 40))
    assert sound == list(range(0, 30_000, 20))


def test_disorder_of_a_muxer_and_pictures_without_decoding_times_are_no_jumps(streams) -> None:
    given = packets(streams, *((PICTURE, at) for at in (0, 40, 120, 80, 160)))
    clock = RecordingClock(PICTURE, running=True)
    assert moved(clock, given, PICTURE) == [0, 40, 120, 80, 160]
    for packet, at in zip(given, (0, 400, 100, 200, 300), strict=True):
        packet.dts, packet.pts = None, at
    assert [packet.pts for packet in RecordingClock(PICTURE, running=True).moved(given)] == [
        0,
        400,
        100,
        200,
        300,
    ]
    for packet, at in zip(given[2:], (100, 140, 180), strict=True):  # Matroska: the first ones have none
        packet.dts = at
    assert [packet.dts for packet in RecordingClock(PICTURE, running=True).moved(given)] == [
        None,
        None,
        100,
        140,
        180,
    ]


def test_of_several_jumps_each_goes_on_from_the_last(streams) -> None:
    clock = RecordingClock(PICTURE, running=True)
    pieces = [interleaved(start, start + 1000) for start in (0, 90_000, 0, 500)]
    given = packets(streams, *(item for piece in pieces for item in piece))
    assert both(clock, given) == (list(range(0, 4000, 40)), list(range(0, 4000, 20)))
    assert clock.jumps == 3


def test_tracks_of_unlike_time_bases_jump_by_the_same_time(streams) -> None:
    """One of them comes when the clock has jumped already: its ticks are no whole number of those before."""
    units = {PICTURE: Fraction(1001, 30_000), SOUND: Fraction(1, 44_100), WORDS: Fraction(1, 7)}
    steps = {PICTURE: 1, SOUND: 1_470, WORDS: 1}

    def packet(track: int, at: int) -> Packet:
        made = Packet(b"x")
        made.stream, made.time_base, made.duration = streams[track], units[track], steps[track]
        made.pts = made.dts = at
        return made

    recording = [packet(track, at * steps[track]) for at in range(60) for track in (PICTURE, SOUND)]
    joined = [packet(track, at * steps[track]) for at in range(60) for track in (PICTURE, SOUND)]
    clock = RecordingClock(PICTURE, running=True)
    all_of_them = list(clock.moved([*recording, *joined, packet(WORDS, 2)]))
    pictures = [one.dts for one in all_of_them if one.stream.index == PICTURE]
    sound = [one.dts for one in all_of_them if one.stream.index == SOUND]
    words = [one.dts for one in all_of_them if one.stream.index == WORDS]
    assert (pictures, clock.jumps) == (list(range(120)), 1)
    second = round(60 * units[PICTURE] / units[SOUND])
    assert sound == [*range(0, 60 * 1_470, 1_470), *range(second, second + 60 * 1_470, 1_470)]
    assert words == [2 + round(60 * units[PICTURE] / units[WORDS])]
