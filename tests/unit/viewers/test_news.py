"""Requests that go on and on are woken by new pictures, and ended."""

from __future__ import annotations

from streamdepth.viewers.news import News


def test_followers_are_woken_until_they_leave_and_all_hear_the_end():
    news = News()
    assert not news.is_wanted
    one, other = news.follow(), news.follow()
    news.wake()
    assert one.is_set()
    one.clear()
    news.unfollow(one)
    news.close()
    assert (one.is_set(), other.is_set(), news.is_closed) == (False, True, True)
    news.unfollow(other)
    assert not news.is_wanted
    assert news.follow().is_set(), "who comes later waits for nothing"
