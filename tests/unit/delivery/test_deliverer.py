from __future__ import annotations

from streamdepth.delivery.deliverer import Deliverer
from streamdepth.delivery.standing import NotDelivered, Standing
from streamdepth.threads.worker import Flag


class Receiver:
    """Takes things; the first tries come to nothing as often as `failures` says."""

    def __init__(self, *failures):
        self.failures, self.got, self.lines = list(failures), [], []
        self.open = Flag()
        self.open.set()
        self.standing = Standing("there", lambda line, _: self.lines.append(line), chance=lambda: 0.0)

    def __call__(self, thing):
        self.open.wait(60.0)
        if self.failures:
            raise self.failures.pop(0)
        self.got.append(thing)


def deliver(receiver, *things, capacity=10, patience=60.0):
    deliverer = Deliverer("test", receiver, receiver.standing, capacity)
    for thing in things:
        deliverer.put(thing)
    deliverer.close(patience)
    return deliverer.figures()


def test_all_arrive_in_their_order_and_each_once():
    receiver = Receiver()
    figures = deliver(receiver, *"abcde")
    assert receiver.got == list("abcde")
    assert (figures["delivered"], figures["waiting"], figures["dropped"]) == (5, 0, 0)


def test_one_that_did_not_arrive_is_tried_again_before_the_others():
    receiver = Receiver(NotDelivered("no answer"))
    assert deliver(receiver, *"ab")["delivered"] == 2
    assert receiver.got == ["a", "b"]


def test_one_that_is_refused_for_good_is_left_out():
    receiver = Receiver(NotDelivered("the server answered 422", is_final=True))
    figures = deliver(receiver, *"ab")
    assert receiver.got == ["b"]
    assert (figures["delivered"], figures["refused"]) == (1, 1)


def test_a_receiver_that_hangs_holds_nobody_up_and_what_it_lost_is_told():
    receiver = Receiver()
    receiver.open.clear()
    figures = deliver(receiver, *"abcdefg", capacity=3, patience=0.05)
    receiver.open.set()
    assert (figures["waiting"], figures["dropped"]) == (3, 4)
    assert receiver.lines[0] == "too many events wait for there: the oldest are dropped"
    assert receiver.lines[-1] == "3 events did not reach there"


def test_a_fault_of_this_program_is_known():
    receiver = Receiver(ZeroDivisionError())
    deliverer = Deliverer("test", receiver, receiver.standing)
    deliverer.put("a")
    assert not deliverer._worker.is_running(60.0)
    assert isinstance(deliverer.failure, ZeroDivisionError)
    deliverer.close()
