"""Pictures out of packets that come in any order, twice, or not at all."""

from __future__ import annotations

import pytest
from aiortc.rtp import RtpPacket

from streamdepth.webrtc.jitter_buffer import ASK_EVERY, MOST_PACKETS, PATIENCE, JitterBuffer


def packet(number, time, data=None, *, last=False):
    made = RtpPacket(sequence_number=number % 65536, timestamp=time, marker=int(last))
    made._data = f"{number}".encode() if data is None else data
    return made


class Line:
    """Feeds packets; `done` are the pictures, `asked` how often a keyframe was asked for."""

    def __init__(self):
        self.now = 10.0
        self.heard = self.asked = 0
        self.done = []
        self.pictures = JitterBuffer(self._hear, lambda: self.now)

    def _hear(self):
        self.heard += 1

    def feed(self, *packets):
        """What they completed: (number, data)."""
        new = []
        for each in packets:
            asks, assembled = self.pictures.add(each)
            self.asked += asks
            new += [(whole.number, whole.data) for whole in assembled.pictures] if assembled else []
        self.done += new
        return new


@pytest.fixture
def line():
    return Line()


def test_a_picture_is_whole_at_its_marker(line):
    assert line.feed(packet(1, 0), packet(2, 0)) == []
    assert line.feed(packet(3, 0, last=True)) == [(0, b"123")]
    assert line.feed(packet(4, 9, last=True)) == [(1, b"4")]
    assert line.heard == 4
    assert line.asked == 0


def test_without_a_marker_it_is_whole_when_the_next_begins(line):
    assert line.feed(packet(1, 0), packet(2, 0), packet(3, 9)) == [(0, b"12")]


def test_packets_are_put_in_order_and_doubles_are_left_out(line):
    line.feed(packet(1, 0, last=True))
    assert line.feed(packet(3, 9, last=True), packet(3, 9, last=True)) == []
    assert line.feed(packet(2, 9), packet(2, 9)) == [(1, b"23")]
    assert line.feed(packet(1, 0, last=True)) == []


def test_a_packet_that_comes_late_brings_all_that_waited_for_it(line):
    line.feed(packet(1, 0, last=True), packet(3, 9, last=True), packet(4, 18, last=True))
    assert line.feed(packet(2, 9)) == [(1, b"23"), (2, b"4")]
    assert line.asked == 0


def test_numbers_wrap_around(line):
    line.feed(packet(65535, 0, last=True), packet(65537, 9, last=True))
    assert line.feed(packet(65536, 9)) == [(1, b"6553665537")]


def test_a_missing_packet_is_given_up_after_a_while_and_its_picture_with_it(line):
    line.feed(packet(1, 0, last=True), packet(2, 9), packet(4, 9, last=True), packet(5, 18, last=True))
    line.now += PATIENCE * 0.9
    assert line.feed(packet(6, 27, last=True)) == []
    line.now += PATIENCE * 0.2
    given = line.feed(packet(7, 36, last=True))
    assert [data for _, data in given] == [b"4", b"5", b"6", b"7"]
    assert given[0][0] == 2  # a gap in the numbers tells of the loss
    assert line.asked == 1
    assert line.feed(packet(3, 9)) == []  # too late


def test_each_gap_has_its_own_while(line):
    line.feed(packet(1, 0, last=True), packet(3, 9, last=True), packet(5, 18, last=True))
    line.now += PATIENCE * 0.9
    assert len(line.feed(packet(2, 9))) == 1
    line.now += PATIENCE * 0.9
    assert line.feed(packet(6, 27, last=True)) == []
    assert line.asked == 0


def test_what_waits_is_bounded(line):
    line.feed(packet(1, 0, last=True))
    for number in range(3, 3 + 3 * MOST_PACKETS):
        line.feed(packet(number, 9))
        assert len(line.pictures._packets) <= MOST_PACKETS
    assert line.asked == 1


def test_a_sender_that_counts_anew_is_followed(line):
    line.feed(packet(30000, 0, last=True))
    assert line.feed(packet(5, 9, last=True)) == [(2, b"5")]
    assert line.asked == 1


def test_packets_that_only_probe_the_line_are_no_picture(line):
    line.feed(packet(1, 0, last=True), packet(2, 0, b""), packet(3, 0, b""))
    assert line.feed(packet(4, 9, last=True)) == [(1, b"4")]


def test_a_keyframe_is_asked_for_with_the_next_packet_but_not_too_often(line):
    line.pictures.want_keyframe()
    line.feed(packet(1, 0, last=True))
    assert line.asked == 1
    line.pictures.want_keyframe()
    line.feed(packet(2, 9, last=True))
    assert line.asked == 1
    line.now += ASK_EVERY
    line.feed(packet(3, 18, last=True), packet(4, 27, last=True))
    assert line.asked == 2
