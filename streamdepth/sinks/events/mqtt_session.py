"""One connection to an MQTT broker: paho-mqtt's client, driven by the thread that owns it."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from streamdepth.connecting import why_no_connection
from streamdepth.delivery.standing import NotDelivered
from streamdepth.errors import Trouble
from streamdepth.sinks.events.broker import Broker
from streamdepth.sinks.events.topics import Message

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

PATIENCE = 5.0
"""Seconds for a connection, and again for the broker's word that it takes it."""
KEEP_ALIVE = 20
"""Seconds of silence after which the broker is asked whether it is there."""
TURN = 0.1
_OLD_BROKER, _BAD_LOGIN, _NOT_ALLOWED = 0x84, 0x86, 0x87
"""Reason codes of MQTT 5 (section 2.4); those of 3.1.1 come as these."""


class OldBroker(NotDelivered):
    """It knows no MQTT 5."""


class Session:
    """An open connection; `farewell` is published by the broker where it is lost. Raises `NotDelivered`."""

    def __init__(self, broker: Broker, identity: str, farewell: Message, *, old: bool) -> None:
        self._connected: ReasonCode | None = None
        self._left: ReasonCode | None = None
        self._acknowledged: dict[int, ReasonCode] = {}
        protocol = MQTTProtocolVersion.MQTTv311 if old else MQTTProtocolVersion.MQTTv5
        self._client = client = Client(
            CallbackAPIVersion.VERSION2, identity, protocol=protocol, reconnect_on_failure=False
        )
        client.connect_timeout = PATIENCE
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_publish = self._on_publish
        client.will_set(farewell.topic, farewell.payload, qos=1, retain=farewell.is_retained)
        if broker.user is not None:
            client.username_pw_set(broker.user, broker.password)
        try:
            self._open(broker)
        except BaseException:
            self.close()
            raise

    def publish(self, message: Message) -> int:
        """Hand a message over, at least once; returns its number, by which `turn` reports that the broker has it."""
        sent = self._client.publish(message.topic, message.payload, qos=1, retain=message.is_retained)
        return int(sent.mid)

    def turn(self) -> dict[int, str]:
        """Let the connection work for a moment; returns the messages that the broker has, and why it refuses one."""
        if self._client.loop(TURN) != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._lost()
        got, self._acknowledged = self._acknowledged, {}
        return {mid: str(code).lower() if code.is_failure else "" for mid, code in got.items()}

    def kept(self, *topics: str) -> dict[str, str]:
        """What the broker keeps of `topics`, which may hold wildcards; as far as it says so before it is silent."""
        found: dict[str, str] = {}
        answers: list[object] = []

        def note(_c: Any, _d: Any, message: MQTTMessage) -> None:
            if message.retain:
                found[message.topic] = message.payload.decode(errors="replace")

        client = self._client
        client.on_message, client.on_subscribe = note, lambda *answer: answers.append(answer)
        client.subscribe([(topic, 0) for topic in topics])
        give_up_at = time.monotonic() + PATIENCE
        before = -1
        while time.monotonic() < give_up_at and not (answers and len(found) == before):
            before = len(found) if answers else -1
            self.turn()
        client.unsubscribe(list(topics))
        client.on_message = client.on_subscribe = None
        return found

    def leave(self) -> None:
        """Say goodbye: the broker then publishes no farewell."""
        self._client.disconnect()

    def close(self) -> None:
        """Let go of the sockets at once, and not when Python next looks for circles of references."""
        client = self._client
        client.on_connect = client.on_disconnect = client.on_publish = None
        if (sock := client.socket()) is not None:
            sock.close()

    def _open(self, broker: Broker) -> None:
        try:
            if broker.tls:
                self._client.tls_set_context(ssl.create_default_context(cafile=broker.authority))
            self._client.connect(broker.host, broker.port, KEEP_ALIVE)
        except OSError as error:
            raise NotDelivered(*why_no_connection(error)) from None
        except UnicodeError:  # Python cannot ask for a name with an empty or overlong part
            raise NotDelivered(Trouble.UNKNOWN_HOST.value, "check its spelling") from None
        give_up_at = time.monotonic() + PATIENCE
        while self._connected is None:
            if self._client.loop(TURN) != MQTTErrorCode.MQTT_ERR_SUCCESS and self._connected is None:
                raise self._lost()
            if time.monotonic() > give_up_at:
                raise NotDelivered(Trouble.TIMEOUT.value, "check that an MQTT broker listens there")
        if self._connected.is_failure:
            raise _refused(self._connected)

    def _lost(self) -> NotDelivered:
        code = self._left
        if code is None or code.getName() == "Unspecified error":
            return NotDelivered(Trouble.BROKE_OFF.value)
        return NotDelivered(f"the broker hung up: {str(code).lower()}")

    def _on_connect(self, _c: Any, _d: Any, _flags: Any, code: ReasonCode, _p: Properties | None) -> None:
        self._connected = code

    def _on_disconnect(self, _c: Any, _d: Any, _flags: Any, code: ReasonCode, _p: Properties | None) -> None:
        self._left = self._left or code  # the broker's own word comes first

    def _on_publish(self, _c: Any, _d: Any, mid: int, code: ReasonCode, _p: Properties) -> None:
        self._acknowledged[mid] = code


def _refused(code: ReasonCode) -> NotDelivered:
    if code.value == _OLD_BROKER:
        return OldBroker("the broker speaks another version of MQTT", "name it with ?version=3.1.1")
    if code.value in (_BAD_LOGIN, _NOT_ALLOWED):
        return NotDelivered(Trouble.AUTHENTICATION.value, "write USER:PASSWORD@ before the host")
    return NotDelivered(f"the broker refuses: {str(code).lower()}")
