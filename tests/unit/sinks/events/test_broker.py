from __future__ import annotations

import pytest

from streamdepth.errors import UsageError
from streamdepth.sinks.events.broker import Broker


def test_what_is_not_said_is_as_usual():
    broker = Broker.parse("mqtt://hub")
    assert (broker.host, broker.port, broker.tls, broker.user) == ("hub", 1883, False, None)
    assert (broker.prefix, broker.discovery, broker.old) == ("streamdepth", "homeassistant", False)
    assert Broker.parse("mqtts://hub").port == 8883


def test_everything_can_be_said(tmp_path):
    ca = tmp_path / "ca.pem"
    ca.touch()
    text = f"mqtts://me:p%40ss@[::1]:99/house/depth?discovery=off&version=3.1.1&ca={ca}"
    broker = Broker.parse(text)
    assert (broker.host, broker.port, broker.user, broker.password) == ("::1", 99, "me", "p@ss")
    assert (broker.prefix, broker.discovery, broker.old, broker.authority) == ("house/depth", None, True, ca)
    assert broker.name == "mqtts://[::1]:99/house/depth"
    assert "p@ss" not in repr(broker)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("mqtt:///x", "names no host"),
        ("mqtt://me:secret@/x", "no host"),
        ("mqtt://h:99999", "port"),
        ("mqtt://me:secret@h/a/+/b", "an invalid topic"),
        ("mqtt://me:secret@h?discovery=", "an invalid topic"),
        ("mqtt://me:secret@h?qos=2", "knows no 'qos'"),
        ("mqtt://me:secret@h?version=4", "no such version"),
        ("mqtt://me:secret@h?ca=x.pem", "is for mqtts"),
        ("mqtts://me:secret@h?ca=none.pem", "there is no file none.pem"),
    ],
)
def test_what_cannot_be_meant_is_refused_without_its_password(text, what):
    with pytest.raises(UsageError, match=what) as refusal:
        Broker.parse(text)
    assert "secret" not in str(refusal.value)
