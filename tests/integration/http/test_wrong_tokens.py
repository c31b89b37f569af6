"""Wrong tokens are answered late, right ones at once; the log tells who guesses, and not what."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from streamdepth.http import wrong_tokens as guesses
from streamdepth.http.refusal import Refused
from streamdepth.http.wrong_tokens import WrongTokens

TOKEN, WRONG = "correct-horse", "wrong-horse"


@pytest.fixture
def guarded(running_service):
    with running_service(token=TOKEN) as running:
        yield running


class Held:
    """In the place of asyncio: sleeps until it is let go."""

    get_running_loop = staticmethod(asyncio.get_running_loop)

    def __init__(self):
        self.delays, self.are_over = [], threading.Event()

    async def sleep(self, seconds):
        self.delays.append(seconds)
        while not self.are_over.is_set():
            await asyncio.sleep(0.01)


def test_a_wrong_token_waits_for_its_answer_and_a_right_one_does_not(guarded, monkeypatch, until):
    held = Held()
    monkeypatch.setattr(guesses, "asyncio", held)
    with ThreadPoolExecutor(8) as pool:
        wrong = [pool.submit(guarded.ask, "/api/look", Authorization=f"Bearer {WRONG}") for _ in range(7)]
        wrong.append(pool.submit(guarded.ask, f"/snapshot.jpg?token={WRONG}"))
        until(lambda: len(held.delays) == 8)
        for _ in range(5):
            assert guarded.ask("/api/look", Authorization=f"Bearer {TOKEN}")[0] == 200
        assert guarded.ask("/api/look")[0] == 401  # without a token nothing is guessed
        assert not any(answer.done() for answer in wrong)
        held.are_over.set()
        assert {answer.result()[0] for answer in wrong} == {401}
    assert held.delays == [guesses.DELAY] * 8


def test_the_log_tells_who_guesses_once_and_never_what(guarded, caplog):
    for _ in range(3):
        assert guarded.ask("/api/look", Authorization=f"Bearer {WRONG}")[0] == 401
    (line,) = [record.getMessage() for record in caplog.records if "token" in record.getMessage()]
    assert line == "a wrong token came from 127.0.0.1"
    assert WRONG not in caplog.text


def test_how_many_were_not_told_is_told_later(caplog, monkeypatch):
    monkeypatch.setattr(guesses, "DELAY", 0.0)

    async def scenario():
        held = WrongTokens()
        await held.answer_late("192.0.2.1")
        await held.answer_late("192.0.2.2")
        monkeypatch.setattr(guesses, "REPORT_EVERY", 0.0)
        await held.answer_late("192.0.2.3")

    asyncio.run(scenario())
    assert caplog.messages == [
        "a wrong token came from 192.0.2.1",
        "a wrong token came from 192.0.2.3, and 1 before it",
    ]


def test_so_many_wait_at_once_and_places_come_back(monkeypatch):
    monkeypatch.setattr(guesses, "DELAY", 0.2)

    async def scenario():
        held = WrongTokens()
        waiting = [asyncio.create_task(held.answer_late("192.0.2.1")) for _ in range(guesses.MOST_HELD_UP)]
        await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await held.answer_late("192.0.2.1")
        assert refused.value.status == 429
        await asyncio.gather(*waiting)
        await held.answer_late("192.0.2.1")

    asyncio.run(scenario())
