from __future__ import annotations

from streamdepth.delivery.standing import NotDelivered, Standing

REFUSED = NotDelivered("connection refused", "check the host")


class Run:
    """A standing by hand, at moments that the test makes."""

    def __init__(self, chance=0.5):
        self.now, self.lines = 100.0, []
        self.standing = Standing(
            "mqtt://h",
            lambda line, trouble: self.lines.append((trouble, line)),
            clock=lambda: self.now,
            chance=lambda: chance,
        )


def test_it_is_tried_again_ever_more_slowly_until_it_works():
    run = Run()
    assert [run.standing.failed(REFUSED) for _ in range(6)] == [0.5, 1.0, 2.0, 5.0, 10.0, 10.0]
    run.standing.got()
    assert run.standing.failed(REFUSED) == 0.5


def test_a_receiver_that_wants_rest_gets_it():
    assert Run().standing.failed(NotDelivered("busy", retry_after=30.0)) == 30.0


def test_a_trouble_and_its_end_are_said_once_with_a_cure():
    run = Run()
    for _ in range(3):
        run.standing.failed(REFUSED)
    run.standing.works()
    assert run.lines == [
        (True, "events do not reach mqtt://h: connection refused; trying again (check the host)"),
        (False, "events reach mqtt://h again"),
    ]
    run.now += 61
    run.standing.failed(REFUSED)
    assert len(run.lines) == 3


def test_what_is_refused_for_good_is_counted_and_not_waited_for():
    run = Run()
    assert run.standing.failed(NotDelivered("the server answered 422", is_final=True)) == 0.0
    assert run.standing.figures(0, 0)["refused"] == 1
    assert run.lines == [(True, "mqtt://h refuses an event: the server answered 422")]


def test_what_did_not_arrive_is_told_at_the_end():
    run = Run()
    run.standing.failed(REFUSED)
    run.standing.ended(2)
    assert run.lines[-1] == (True, "2 events did not reach mqtt://h: connection refused")
    Run().standing.ended(0)


def test_the_figures_say_how_it_goes():
    run = Run()
    run.standing.got(3)
    run.standing.failed(REFUSED)
    assert run.standing.figures(2, 1) == {
        "to": "mqtt://h",
        "delivered": 3,
        "waiting": 2,
        "dropped": 1,
        "refused": 0,
        "trouble": "connection refused",
    }
