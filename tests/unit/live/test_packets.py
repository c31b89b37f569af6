from __future__ import annotations

import av
import pytest

from streamdepth.live.packets import LivePacket, PacketQueue


def packet(name, *, key=False):
    return LivePacket(av.Packet(name.encode()), key, 0.0, 0.0, 0.0)


class Queue:
    def __init__(self, capacity=3, **options):
        self.wishes = 0
        self.queue = PacketQueue(self._wish, capacity, **options)

    def _wish(self):
        self.wishes += 1

    def open(self, past=""):
        self.queue.open([packet(name, key=name.isupper()) for name in past])

    def put(self, names):
        """Capital letters are keyframes."""
        for name in names:
            self.queue.put(packet(name, key=name.isupper()))

    def take(self):
        taken = []
        while (one := self.queue.take()) is not None:
            taken.append(bytes(one.packet).decode())
        return "".join(taken)


@pytest.fixture
def queue():
    return Queue()


def test_nothing_is_kept_for_who_has_not_begun(queue):
    queue.put("Aab")
    queue.open()
    assert queue.take() == ""
    assert (queue.wishes, queue.queue.dropped) == (1, 0)


def test_it_may_begin_with_what_others_had_and_goes_on_without_a_gap(queue):
    queue.open("Aabcdefg")
    queue.put("hi")
    assert queue.take() == "Aabcdefghi"
    assert (queue.wishes, queue.queue.dropped) == (0, 0)


def test_what_it_began_with_does_not_count_as_waiting(queue):
    queue.open("Aabcdefg")
    queue.put("hij")
    queue.put("k")  # one too many
    assert queue.take() == "Aabcdefg"
    assert (queue.wishes, queue.queue.dropped) == (1, 4)


def test_another_time_of_a_packet_leaves_the_shared_one_alone():
    one = packet("A", key=True)
    one.packet.pts = 7
    other = one.at(3)
    assert (one.packet.pts, other.packet.pts, other.is_keyframe, bytes(other.packet)) == (7, 3, True, b"A")


def test_it_begins_with_a_keyframe(queue):
    queue.open()
    queue.take()
    queue.put("abBcd")
    assert queue.take() == "Bcd"
    assert (queue.wishes, queue.queue.dropped) == (1, 2)


def test_a_keyframe_is_wished_for_once(queue):
    queue.open()
    for _ in range(5):
        queue.take()
    assert queue.wishes == 1


def test_an_overflow_leaves_out_everything_up_to_the_next_keyframe(queue):
    queue.open()
    queue.take()
    queue.put("Aabc")
    queue.put("de")
    assert queue.take() == ""
    assert queue.wishes == 2
    queue.put("fGg")
    assert queue.take() == "Gg"
    assert queue.queue.dropped == 4 + 2 + 1


def test_the_patient_wish_for_the_first_keyframe_alone():
    queue = Queue(is_patient=True)
    queue.open()
    queue.take()
    queue.put("Aabcde")
    assert queue.take() == ""
    queue.put("fGg")
    assert queue.take() == "Gg"
    assert queue.wishes == 1


def test_who_has_stopped_taking_wishes_for_nothing(queue):
    queue.open()
    queue.take()
    queue.put("Aabcdefghijkl" * 10)
    assert queue.wishes == 1


def test_a_keyframe_always_finds_room(queue):
    queue.open()
    queue.take()
    queue.put("AabB")
    assert queue.take() == "B"
