from __future__ import annotations

import pytest

from streamdepth.delivery.standing import NotDelivered
from streamdepth.sinks.events.broker import Broker
from streamdepth.sinks.events.mqtt_session import Session
from streamdepth.sinks.events.topics import Message


@pytest.mark.parametrize("host", ["hall..home", "a" * 64])
def test_a_name_that_no_host_can_have_is_a_host_that_is_not_known(host):
    with pytest.raises(NotDelivered, match="host not known"):
        Session(Broker.parse(f"mqtt://{host}"), "me", Message("here", "offline", True), old=False)
