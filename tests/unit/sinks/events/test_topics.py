from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction

from streamdepth.sinks.events.event import Event
from streamdepth.sinks.events.topics import Topics, slug
from streamdepth.zones.presence import Phase
from streamdepth.zones.read import zones_of
from streamdepth.zones.watch import Change
from streamdepth.zones.zone import Kind, Unit, Zones

SQUARE = [[0, 0], [0.5, 0], [0.5, 0.5]]
ZONES = zones_of({"zone": [{"name": "door", "polygon": SQUARE, "near": {"metres": 2}, "new": {"metres": 1}}]})
TOPICS = Topics("streamdepth", "hall", "homeassistant", "1.2.3")
BEGAN = Change("door", Kind.NEAR, Phase.BEGAN, Fraction(1), Fraction(0), None, 0.25, 1.0, Unit.METRES)
DOCUMENTED = {
    *(
        "availability",
        "availability_mode",
        "availability_template",
        "availability_topic",
        "default_entity_id",
    ),
    *("device", "device_class", "enabled_by_default", "encoding", "entity_category", "entity_picture"),
    *("expire_after", "force_update", "icon", "json_attributes_template", "json_attributes_topic", "name"),
    *(
        "off_delay",
        "origin",
        "payload_available",
        "payload_not_available",
        "payload_off",
        "payload_on",
        "platform",
    ),
    *("qos", "state_topic", "unique_id", "value_template"),
}
"""What home-assistant.io/integrations/binary_sensor.mqtt and .../mqtt list for a sensor that is discovered."""
OF_DEVICE = {
    *("configuration_url", "connections", "hw_version", "identifiers", "manufacturer", "model", "model_id"),
    *("name", "serial_number", "suggested_area", "sw_version", "via_device"),
}


def topics(messages):
    return {message.topic: message.payload for message in messages}


def test_home_assistant_is_told_in_its_own_words():
    configs = {
        t: json.loads(p) for t, p in topics(TOPICS.of_zones(Zones(), ZONES)).items() if t.endswith("config")
    }
    assert list(configs) == [
        "homeassistant/binary_sensor/streamdepth_hall_door_near/config",
        "homeassistant/binary_sensor/streamdepth_hall_door_new/config",
    ]
    for topic, config in configs.items():
        assert re.fullmatch(r"homeassistant/binary_sensor/[a-zA-Z0-9_-]+/config", topic)
        assert set(config) <= DOCUMENTED
        assert set(config["device"]) <= OF_DEVICE
        assert set(config["origin"]) <= {"name", "sw_version", "support_url"}
        assert config["device"]["identifiers"]  # it or connections must be there
        assert all(set(one) <= {"topic", "payload_available", "payload_not_available", "value_template"}
                   for one in config["availability"])  # fmt: skip
        assert not {"availability", "availability_topic"} <= set(config)  # never both
        assert config["availability_mode"] in ("all", "any", "latest")
    assert len({config["unique_id"] for config in configs.values()}) == 2


def test_what_is_told_is_what_is_published():
    said = topics(TOPICS.of_zones(Zones(), ZONES))
    config = json.loads(said["homeassistant/binary_sensor/streamdepth_hall_door_near/config"])
    assert said[config["state_topic"]] == config["payload_off"]
    whole, own = config["availability"]
    assert whole["topic"] == TOPICS.availability == "streamdepth/hall/availability"
    assert said[own["topic"]] == own["payload_available"]
    began = topics(TOPICS.of_event(Event("r-1", "hall", 3, None, BEGAN)))
    assert began[config["state_topic"]] == config["payload_on"]
    assert json.loads(began[config["json_attributes_topic"]])["id"] == "r-1"
    unseen = topics(TOPICS.of_event(Event("r-2", "hall", 3, None, replace(BEGAN, phase=Phase.UNSEEN))))
    assert unseen[own["topic"]] == own["payload_not_available"]
    assert config["state_topic"] not in unseen


def test_every_event_is_published_and_only_what_it_leaves_is_kept():
    messages = list(TOPICS.of_event(Event("r-1", "hall", 3, None, replace(BEGAN, phase=Phase.ENDED))))
    assert {m.topic.rpartition("/")[2]: m.is_retained for m in messages} == {
        "events": False,
        "event": True,
        "state": True,
    }


def test_zones_that_are_gone_are_taken_away_and_those_that_stay_are_left_alone():
    (door,) = ZONES.zones
    now = Zones((replace(door, rules=door.rules[:1]),))
    gone = topics(TOPICS.of_zones(ZONES, now))
    assert "homeassistant/binary_sensor/streamdepth_hall_door_new/config" in gone
    assert set(gone.values()) == {""}
    assert not any("near" in topic for topic in gone)


def test_without_discovery_home_assistant_is_told_nothing():
    silent = replace(TOPICS, discovery=None)
    assert not any("homeassistant" in topic for topic in topics(silent.of_zones(Zones(), ZONES)))
    assert not any("homeassistant" in topic for topic in topics(silent.of_zones(ZONES, Zones())))


def test_each_name_has_letters_of_its_own():
    assert slug("hall-2_b") == "hall-2_b"
    names = ["Tür", "T r", "T_r", "T/r", "+", "#"]
    assert len(set(map(slug, names))) == len(names)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", slug(name)) for name in names)


def test_cameras_zones_and_prefixes_whose_names_come_out_alike_are_told_apart():
    def announced(zone, **camera):
        (door,) = ZONES.zones
        said = topics(replace(TOPICS, **camera).of_zones(Zones(), Zones((replace(door, name=zone),))))
        configs = {topic: json.loads(payload) for topic, payload in said.items() if topic.endswith("config")}
        return [(topic, one["unique_id"], *one["device"]["identifiers"]) for topic, one in configs.items()]

    every = (
        announced("yard_left", camera="front")
        + announced("left", camera="front_yard")
        + announced("left", camera="front_yard", prefix="upstairs")
        + announced("left", camera="front", prefix="upstairs")
        + announced("left", camera="front")
    )
    config_topics, identities, devices = (set(column) for column in zip(*every, strict=True))
    assert len(config_topics) == len(identities) == len(every)
    assert len(devices) == 4
    assert "streamdepth_front" in devices
    assert all(
        re.fullmatch(r"homeassistant/binary_sensor/[a-zA-Z0-9_-]+/config", one) for one in config_topics
    )
