from __future__ import annotations

import pytest

from streamdepth.server import rate_limit
from streamdepth.server.rate_limit import Rates


def test_what_was_not_sent_may_be_sent_at_once_and_then_so_many_a_second_pass():
    now = [100.0]
    rates = Rates(2.0, lambda: now[0])
    assert [rates.take("a") for _ in range(10)] == [0.0] * 10, "five seconds' worth"
    assert rates.take("a") == pytest.approx(0.5)
    assert rates.take("a") == pytest.approx(0.5), "who is refused uses nothing"
    assert rates.take("b") == 0.0
    now[0] = 100.5
    assert rates.take("a") == 0.0
    assert rates.take("a") > 0.0
    now[0] = 1000.0
    assert [rates.take("a") for _ in range(10)] == [0.0] * 10


def test_all_pictures_of_a_request_are_counted_those_that_come_with_it_later():
    now = [100.0]
    rates = Rates(2.0, lambda: now[0])
    assert rates.take("a") == 0.0
    rates.add("a", 15)
    assert rates.take("a") == pytest.approx(3.5), "sixteen take eight seconds, five of which were saved"
    now[0] = 103.5
    assert rates.take("a") == 0.0
    assert rates.take("b") == 0.0


def test_what_comes_of_a_slow_upload_is_counted_when_it_is_there():
    now = [100.0]
    rates = Rates(2.0, lambda: now[0])
    assert rates.take("a") == 0.0
    now[0] = 160.0
    rates.add("a", 10)
    assert rates.take("a") == pytest.approx(0.5)


def test_a_slow_rate_lets_one_pass():
    now = [0.0]
    rates = Rates(0.01, lambda: now[0])
    assert rates.take("a") == 0.0
    assert rates.take("a") == pytest.approx(100.0)


def test_senders_are_forgotten_before_they_take_all_memory(monkeypatch):
    monkeypatch.setattr(rate_limit, "MOST_KNOWN", 3)
    rates = Rates(1.0)
    for number in range(100):
        rates.take(str(number))
    assert len(rates._used) == 3
