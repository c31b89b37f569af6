"""docs/guide/scaling.md and its compose file: the commands parse, and the server lets nobody in without a password."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml
from places import REPOSITORY

from streamdepth.cli.app import app
from streamdepth.publishing.destinations import Destination, Protocol

DOCS = REPOSITORY / "docs"
PAGE = (DOCS / "guide" / "scaling.md").read_text(encoding="utf-8")
COMPOSE = DOCS / "examples" / "mediamtx.compose.yaml"
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def commands():
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("streamdepth ")]


@pytest.mark.parametrize("command", commands())
def test_every_command_parses_and_names_places_that_can_be_published_to(command):
    _, bound, _ = app.parse_args(shlex.split(command)[1:])
    output = bound.arguments["output"]
    addresses = output.publish
    assert addresses or output.cluster
    for address in addresses:
        assert Destination.parse(address).host == "127.0.0.1"


def settled(text, **given):
    """`text` with its variables filled in, as Compose does it (`${NAME:-default}`, `${NAME:?complaint}`)."""

    def value(match):
        name, how, rest = match.groups()
        if name in given:
            return given[name]
        assert how == "-", f"{name} is needed: {rest}"
        return rest

    return VARIABLE.sub(value, text)


def service_and_settings(**given):
    whole = yaml.safe_load(settled(COMPOSE.read_text(encoding="utf-8"), **given))
    return whole["services"]["mediamtx"], yaml.safe_load(whole["configs"]["mediamtx"]["content"])


def test_without_passwords_it_does_not_start():
    with pytest.raises(AssertionError, match="PUBLISH_PASSWORD"):
        service_and_settings()
    with pytest.raises(AssertionError, match="VIEW_PASSWORD"):
        service_and_settings(PUBLISH_PASSWORD="one")


def test_nobody_is_let_in_without_a_password_and_unless_told_only_this_machine():
    service, settings = service_and_settings(PUBLISH_PASSWORD="one", VIEW_PASSWORD="two")
    users = {user["user"]: (user["pass"], user["permissions"]) for user in settings["authInternalUsers"]}
    assert users == {
        "publisher": ("one", [{"action": "publish", "path": "depth"}]),
        "viewer": ("two", [{"action": "read", "path": "depth"}]),
    }
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["configs"] == [{"source": "mediamtx", "target": "/mediamtx.yml"}]
    opened, _ = service_and_settings(
        PUBLISH_PASSWORD="one", VIEW_PASSWORD="two", LISTEN="0.0.0.0", ADDRESS="depth.example"
    )
    assert all(port.startswith("0.0.0.0:") for port in opened["ports"])


def test_the_ports_of_the_commands_are_those_that_are_opened():
    service, settings = service_and_settings(PUBLISH_PASSWORD="one", VIEW_PASSWORD="two")
    opened = {int(port.split(":")[1]) for port in service["ports"]}
    assert settings["webrtcLocalUDPAddress"] == ":8189"
    assert 8189 in opened
    for command in commands():
        for word in shlex.split(command):
            if "://" in word and not word.startswith("s3://"):  # which is a store, of no port
                destination = Destination.parse(word)
                assert destination.port in opened
                assert destination.protocol in Protocol
