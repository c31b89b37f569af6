"""Events to a real broker, which is restarted in between."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

import pytest
from certificates import certificate
from mosquitto import needs_mosquitto, running_mosquitto, subscribed, until

from streamdepth.sinks.events import mqtt
from streamdepth.sinks.events.broker import Broker
from streamdepth.sinks.events.event import Event
from streamdepth.sinks.events.mqtt import MqttWriter
from streamdepth.sinks.events.mqtt_session import Session
from streamdepth.sinks.events.topics import Message, Topics
from streamdepth.threads.worker import Worker
from streamdepth.zones.presence import Phase
from streamdepth.zones.read import zones_of
from streamdepth.zones.watch import Change
from streamdepth.zones.zone import Kind, Unit

pytestmark = needs_mosquitto
SQUARE = [[0, 0], [0.5, 0], [0.5, 0.5]]
ZONES = zones_of({"zone": [{"name": "door", "polygon": SQUARE, "near": {"metres": 2}}]})
CHANGE = Change("door", Kind.NEAR, Phase.BEGAN, Fraction(1), Fraction(0), None, 0.25, 1.0, Unit.METRES)
STATE, AVAILABILITY = "streamdepth/hall/door/near/state", "streamdepth/hall/availability"


def event(number):
    phase = Phase.BEGAN if number % 2 else Phase.ENDED
    return Event(f"r-{number}", "hall", number, None, replace(CHANGE, phase=phase))


@contextmanager
def writing(port, place="mqtt://127.0.0.1:{}", capacity=1000, zones=ZONES):
    said = []
    broker = Broker.parse(place.format(port))
    topics = Topics(broker.prefix, "hall", broker.discovery, "1.0")
    identity = "streamdepth-test" if zones is ZONES else "streamdepth-other"
    writer = MqttWriter(broker, topics, identity, lambda line, _: said.append(line), capacity)
    writer.announce(zones)
    writer.said = said
    try:
        yield writer
    finally:
        writer.close(complete=True)


def identities(subscriber):
    return [json.loads(body)["id"] for topic, body, _ in subscriber.got if topic == "streamdepth/hall/events"]


def kept(port):
    """What the broker keeps, by topic."""
    with subscribed(port, identity="looking") as looking:
        looking.mark()
        return {topic: body for topic, body, is_kept in looking.got if is_kept}


def test_a_broker_that_is_restarted_loses_no_event_and_gives_none_twice(tmp_path):
    with running_mosquitto(tmp_path) as broker, subscribed(broker.port) as watching:
        with writing(broker.port) as writer:
            for number in range(1, 6):
                writer.put(event(number))
            until(lambda: len(identities(watching)) >= 5, "five events have come")
            broker.stop()
            for number in range(6, 11):
                writer.put(event(number))
            until(lambda: writer.figures()["trouble"], "it is known that the broker is away")
            broker.start()
            watching.until_subscribed(2)
            until(lambda: len(set(identities(watching))) >= 10, "all have come")
        assert list(dict.fromkeys(identities(watching))) == [f"r-{number}" for number in range(1, 11)]
        # What was acknowledged is never sent again; what was not could be there twice, with the same identity.
        assert identities(watching)[:5] == [f"r-{number}" for number in range(1, 6)]
        figures = writer.figures()
        assert (figures["delivered"], figures["waiting"], figures["dropped"]) == (10, 0, 0)
        assert writer.said[-1].endswith(" again")


def test_a_broker_that_forgot_everything_keeps_the_present_state_again(tmp_path):
    with running_mosquitto(tmp_path, persistence=False) as broker, writing(broker.port) as writer:
        writer.put(event(1))
        until(lambda: writer.figures()["delivered"] == 1, "it has the event")
        before = kept(broker.port)
        assert (before[STATE], before[AVAILABILITY]) == ("ON", "online")
        broker.stop()
        broker.start()
        until(lambda: kept(broker.port) == before, "the broker has all of it again")
        writer.close(complete=True)
        assert kept(broker.port).get(AVAILABILITY) == "offline"


OTHERS = zones_of({"zone": [{"name": "front door", "polygon": SQUARE, "near": {"metres": 2}}]})


def test_zones_that_were_renamed_between_two_runs_are_taken_away(tmp_path):
    with running_mosquitto(tmp_path) as broker:
        with writing(broker.port, zones=OTHERS) as writer:
            until(lambda: len(kept(broker.port)) == 4, "its zone is announced")
        before = kept(broker.port)
        with writing(broker.port) as writer:
            writer.put(event(1))
            until(lambda: writer.figures()["delivered"] == 1, "it has the event")
            now = kept(broker.port)
        assert set(before) & set(now) == {AVAILABILITY}
        assert {topic.split("/")[-2] for topic in now} == {"near", "hall", "streamdepth_hall_door_near"}


def test_zones_of_another_run_that_is_there_are_left(tmp_path):
    with running_mosquitto(tmp_path) as broker, writing(broker.port, zones=OTHERS):
        until(lambda: len(kept(broker.port)) == 4, "its zone is announced")
        before = kept(broker.port)
        with writing(broker.port) as writer:
            writer.put(event(1))
            until(lambda: writer.figures()["delivered"] == 1, "it has the event")
            assert before.items() <= kept(broker.port).items()


def test_who_is_gone_without_a_word_is_offline_by_the_last_will(tmp_path):
    with running_mosquitto(tmp_path) as broker:
        where = Broker.parse(f"mqtt://127.0.0.1:{broker.port}")
        session = Session(where, "test", Message(AVAILABILITY, "offline", True), old=False)
        session.publish(Message(AVAILABILITY, "online", True))
        until(session.turn, "the broker has it")
        assert kept(broker.port).get(AVAILABILITY) == "online"
        session.close()
        until(lambda: kept(broker.port).get(AVAILABILITY) == "offline", "the broker said it")


def test_version_3_1_1_and_no_discovery_do_what_they_say(tmp_path):
    with running_mosquitto(tmp_path) as broker:
        with writing(broker.port, "mqtt://127.0.0.1:{}/house?version=3.1.1&discovery=off") as writer:
            writer.put(event(1))
            until(lambda: writer.figures()["delivered"] == 1, "it has the event")
        assert len(kept(broker.port)) == 4
        assert all(topic.startswith("house/hall/") for topic in kept(broker.port))


@pytest.fixture
def hurried(monkeypatch):
    """What cannot be delivered at the end is given up soon."""
    monkeypatch.setattr(mqtt, "CLOSE_PATIENCE", 0.2)


@pytest.mark.usefixtures("hurried")
def test_a_wrong_password_is_told_without_it_and_tried_again(tmp_path):
    passwords = tmp_path / "passwords"
    passwords.write_text("me:$7$101$AAAA$AAAA\n")
    more = f"allow_anonymous false\npassword_file {passwords}"
    with (
        running_mosquitto(tmp_path, more) as broker,
        writing(broker.port, "mqtt://me:s3cret@127.0.0.1:{}") as writer,
    ):
        writer.put(event(1))
        until(lambda: writer.said, "it is told")
        assert "user name or password refused" in writer.said[0]
        assert "s3cret" not in " ".join(writer.said)
        assert writer.figures()["waiting"] == 1


@pytest.mark.usefixtures("hurried")
def test_without_a_broker_nobody_waits_and_what_is_lost_is_told():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with writing(nobody.getsockname()[1], capacity=3) as writer:
            for number in range(1, 8):
                writer.put(event(number))
        assert (writer.figures()["waiting"], writer.figures()["dropped"]) == (3, 4)
        assert "3 events did not reach mqtt://127.0.0.1" in writer.said[-1]
        assert writer.failure is None


@contextmanager
def answering(*answers):
    """A broker of a few bytes: each connection is answered, and the last one held; gives port and protocol levels."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        levels = []

        def broker():
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(30.0)
                    levels.append(connection.recv(4096)[8])
                    connection.sendall(answer)
                    while answer == answers[-1] and connection.recv(4096):
                        pass

        serving = Worker("few-bytes", broker, on_error=lambda _: None).start()
        yield listener.getsockname()[1], levels
        serving.join(30.0)


def test_a_broker_that_knows_no_version_5_is_spoken_to_as_it_wants():
    with answering(b"\x20\x02\x00\x01", b"\x20\x02\x00\x00") as (port, levels), writing(port):
        until(lambda: levels == [5, 4], "it spoke 5, and then 3.1.1")


@pytest.mark.usefixtures("hurried")
def test_why_a_broker_hangs_up_is_told():
    taken_over = b"\x20\x03\x00\x00\x00" + b"\xe0\x05\x8e\x03\x1f\x00\x00"
    with answering(taken_over) as (port, _), writing(port) as writer:
        until(lambda: "the broker hung up: session taken over" in " ".join(writer.said), "it is told")


# paho-mqtt leaves the socket of a handshake that failed to Python.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("hurried")
def test_a_broker_with_tls_must_be_vouched_for(tmp_path):
    cert, key = certificate(tmp_path)
    more = f"allow_anonymous true\ncertfile {cert}\nkeyfile {key}"
    with running_mosquitto(tmp_path, more) as broker:
        with writing(broker.port, f"mqtts://127.0.0.1:{{}}?ca={cert}") as writer:
            writer.put(event(1))
            until(lambda: writer.figures()["delivered"] == 1, "it has the event")
        with writing(broker.port, "mqtts://127.0.0.1:{}") as stranger:
            until(lambda: stranger.said, "it is told")
            assert "no secure connection" in stranger.said[0]
