from __future__ import annotations

import sys

import pytest

from streamdepth.errors import SinkError, UsageError
from streamdepth.sinks.events.lines import FilmLines, LiveLines
from streamdepth.sinks.events.open import EventOptions, check_places, file_of, open_events, opener_of
from streamdepth.sinks.events.webhook import WebhookWriter
from streamdepth.zones.watch import ZoneWatch
from streamdepth.zones.zone import Zones


def options(film):
    return EventOptions("hall", film, "1.0", lambda *_: None)


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("events.txt", "events cannot go to 'events.txt'"),
        ("rtsp://me:secret@h/x", "events cannot go to"),
        ("mqtt://me:secret@", "names no host"),
        ("https://me:secret@h", "not a secret to sign with"),
    ],
)
def test_what_takes_no_events_is_refused_without_its_secret(place, what):
    with pytest.raises(UsageError, match=what) as refusal:
        check_places([place])
    assert "secret@" not in str(refusal.value)
    assert "me:" not in str(refusal.value)


def test_a_place_is_named_once():
    with pytest.raises(UsageError, match="twice"):
        check_places(["-", "-"])
    check_places(["-", "a.jsonl", "b.ndjson", "https://h/x", "mqtt://h"])


def test_a_film_and_a_live_input_are_written_in_their_own_ways(tmp_path):
    place = str(tmp_path / "events.jsonl")
    for film, kind in (("abc", FilmLines), (None, LiveLines)):
        writer = opener_of(place)(options(film))
        assert isinstance(writer, kind)
        writer.close(complete=True)
    hook = opener_of("http://127.0.0.1:9/x")(options(None))
    assert isinstance(hook, WebhookWriter)
    hook.close(complete=True)


def test_where_one_cannot_be_opened_the_others_are_closed(tmp_path):
    places = [str(tmp_path / "events.jsonl"), str(tmp_path / "none" / "events.jsonl")]
    with pytest.raises(SinkError, match="no folder"):
        open_events(places, ZoneWatch(Zones()), options("abc"))
    assert not list(tmp_path.iterdir())


def test_without_its_package_mqtt_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "paho.mqtt.client", None)
    with pytest.raises(UsageError, match=r"pip install paho-mqtt"):
        check_places(["mqtt://h"])


def test_which_places_are_files():
    assert [file_of(place) is None for place in ("-", "mqtt://h", "a.jsonl")] == [True, True, False]
