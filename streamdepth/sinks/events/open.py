"""Where events may go, by how it is written, and the sink for all of it."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from streamdepth.addresses import redact_path, scheme_of
from streamdepth.errors import UsageError
from streamdepth.said_once import Say
from streamdepth.sinks.events.event import Writer
from streamdepth.sinks.events.lines import FilmLines, LiveLines
from streamdepth.sinks.events.sink import EventSink
from streamdepth.sinks.wall_clock import wall_clock
from streamdepth.values import dataclass
from streamdepth.zones.watch import ZoneWatch

STDOUT = "-"
SUFFIXES = frozenset({".jsonl", ".ndjson"})
PLACES = "-, NAME.jsonl, https://[SECRET@]HOST/PATH or mqtt://[USER:PASSWORD@]HOST"


@dataclass(frozen=True)
class EventOptions:
    """What a sink of events is to know beside its zones."""

    camera: str
    """What the camera, or the film, is called."""
    film: str | None
    """What makes its events' identities, of an input that waits; None: it is live."""
    version: str
    """Of this program."""
    say: Say


Opens = Callable[[EventOptions], Writer]


def check_places(places: Sequence[str]) -> None:
    """Whatever is wrong with where events are to go; nothing is opened. Raises `UsageError`."""
    for place in places:
        opener_of(place)
        if places.count(place) > 1:
            raise UsageError(f"--events names {redact_path(place)} twice", "name each place once")


def opener_of(place: str) -> Opens:
    """What opens a place; raises `UsageError` where none does."""
    scheme = scheme_of(place)
    if place == STDOUT:
        return _open_stdout
    if scheme in _BY_SCHEME:
        return _BY_SCHEME[scheme](place)
    if scheme is None and Path(place).suffix.lower() in SUFFIXES:
        return lambda options: _open_file(Path(place), options)
    raise UsageError(f"events cannot go to {redact_path(place)!r}", f"write {PLACES}")


def file_of(place: str) -> Path | None:
    """The file that a place is, if it is one."""
    return None if place == STDOUT or scheme_of(place) is not None else Path(place)


def open_events(
    places: Sequence[str], watch: ZoneWatch, options: EventOptions, also: Sequence[Writer] = ()
) -> EventSink:
    """The sink for all places and the writers in `also`; raises `UsageError`, `SinkError` where one cannot be."""
    openers = [opener_of(place) for place in places]
    writers = [*also]
    try:
        writers += (opens(options) for opens in openers)
    except BaseException:
        for writer in writers:
            writer.close(complete=False)
        raise
    run = secrets.token_hex(6) if options.film is None else options.film
    return EventSink(options.camera, watch, writers, run, wall_clock if options.film is None else None)


def _open_stdout(options: EventOptions) -> Writer:
    stream = sys.stdout.buffer
    return FilmLines.of_stream(stream) if options.film else LiveLines.of_stream(stream, options.say)


def _open_file(path: Path, options: EventOptions) -> Writer:
    return FilmLines.of_file(path) if options.film else LiveLines.of_file(path, options.say)


def _webhook(place: str) -> Opens:
    from streamdepth.delivery.webhook import Webhook
    from streamdepth.sinks.events.webhook import WebhookWriter

    hook = Webhook.parse(place)
    return lambda options: WebhookWriter(hook, options.say)


def _mqtt(place: str) -> Opens:
    from streamdepth.sinks.events.broker import Broker
    from streamdepth.sinks.events.topics import Topics

    broker = Broker.parse(place)
    try:
        import paho.mqtt.client  # noqa: F401 - an extra
    except ImportError as error:
        raise UsageError("MQTT needs the package paho-mqtt", "pip install paho-mqtt") from error

    def opens(options: EventOptions) -> Writer:
        from streamdepth.sinks.events.mqtt import MqttWriter

        topics = Topics(broker.prefix, options.camera, broker.discovery, options.version)
        # 23 letters are what every broker takes; two programs of one name would throw each other out.
        return MqttWriter(broker, topics, f"streamdepth-{secrets.token_hex(5)}", options.say)

    return opens


_BY_SCHEME: Mapping[str | None, Callable[[str], Opens]] = {
    "http": _webhook,
    "https": _webhook,
    "mqtt": _mqtt,
    "mqtts": _mqtt,
}
