"""A real MQTT broker, Mosquitto, on a port of this machine, that can be stopped and started again."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest
from ports import free_port

MOSQUITTO = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
needs_mosquitto = pytest.mark.skipif(
    MOSQUITTO is None, reason="mosquitto is not installed (apt install mosquitto)"
)
CONFIGURATION = """\
listener {port} 127.0.0.1
persistence {persistence}
persistence_location {folder}/
log_dest none
user root
{more}
"""
BOUND = 60.0


class Mosquitto:
    """At `port`; with `persistence` it keeps what it was given over a restart, as Debian's does."""

    def __init__(self, folder, more="allow_anonymous true", *, persistence=True):
        self.port = free_port()
        self._conf = folder / "mosquitto.conf"
        words = {"port": self.port, "folder": folder, "more": more}
        self._conf.write_text(CONFIGURATION.format(persistence=str(persistence).lower(), **words))
        self._process = None

    def start(self):
        self._process = subprocess.Popen([MOSQUITTO, "-c", self._conf], stderr=subprocess.DEVNULL)
        until(self._answers, "mosquitto listens")

    def stop(self):
        if self._process is not None:
            self._process.terminate()
            self._process.wait(BOUND)
            self._process = None

    def _answers(self):
        with socket.socket() as probe:
            probe.settimeout(1.0)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running_mosquitto(folder, more="allow_anonymous true", *, persistence=True):
    broker = Mosquitto(folder, more, persistence=persistence)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def until(holds, what):
    """Wait until it does; fails after a minute."""
    give_up_at = time.monotonic() + BOUND
    while not holds():
        assert time.monotonic() < give_up_at, f"waited in vain until {what}"
        time.sleep(0.02)


class Subscriber:
    """A client of its own: (topic, payload, whether it was kept) of all that comes, over restarts of the broker."""

    def __init__(self, port, topic="#", identity="watching", login=None):
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self.got = []
        self._subscribed = 0
        self._client = Client(CallbackAPIVersion.VERSION2, identity, clean_session=False)
        if login is not None:
            self._client.username_pw_set(*login)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
        self._client.on_subscribe = lambda *_: setattr(self, "_subscribed", self._subscribed + 1)
        self._client.on_message = lambda _c, _d, message: self.got.append(
            (message.topic, message.payload.decode(), bool(message.retain))
        )
        self._client.connect("127.0.0.1", port, 10)
        self._client.loop_start()
        self.until_subscribed()

    def until_subscribed(self, times=1):
        until(lambda: self._subscribed >= times, "the subscriber is there")

    def mark(self):
        """Wait until all that the broker had for it has come: what is published now comes behind that."""
        self._client.publish("mark", "here", qos=1)
        until(lambda: any(topic == "mark" for topic, *_ in self.got), "the mark has come")

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def subscribed(port, topic="#", **more):
    subscriber = Subscriber(port, topic, **more)
    try:
        yield subscriber
    finally:
        subscriber.close()
