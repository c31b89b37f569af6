"""Where an MQTT broker is, and how it is spoken to: an address, checked before anything is opened."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from streamdepth.addresses import mistake_in_address, read_address, redact_address
from streamdepth.errors import UsageError
from streamdepth.sinks.events.topics import DEFAULT_PREFIX
from streamdepth.values import dataclass, field

PORTS = {"mqtt": 1883, "mqtts": 8883}
FORM = "mqtt(s)://[USER:PASSWORD@]HOST[:PORT][/PREFIX][?discovery=PREFIX|off&version=5|3.1.1&ca=FILE]"
_TOPIC = re.compile(r"[^\x00-\x1f\x7f+#]+")
_WORDS = {"discovery", "version", "ca"}


@dataclass(frozen=True)
class Broker:
    """`name` may be shown."""

    name: str
    host: str
    port: int
    tls: bool
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)
    prefix: str = DEFAULT_PREFIX
    """What every topic begins with."""
    discovery: str | None = "homeassistant"
    """Where Home Assistant looks for devices; None: nothing is announced to it."""
    old: bool = False
    """Whether only MQTT 3.1.1 is spoken; else 5, and 3.1.1 where the broker knows no other."""
    authority: Path | None = None
    """CA certificates (.pem) for the broker; None: those that this machine trusts."""

    @classmethod
    def parse(cls, text: str) -> Broker:
        """Of an address as `FORM`; raises `UsageError`."""
        if mistake := mistake_in_address(text, frozenset(PORTS)):
            raise UsageError(mistake.what, mistake.cure)
        address = read_address(text)
        assert address is not None, "it has no mistake"
        place, _, query = address.rest.partition("#")[0].partition("?")
        name = redact_address(f"{address.scheme}://{address.place}{place}")
        if not address.host:
            raise UsageError(f"the address {name} names no host", f"write {FORM}")
        options = dict(parse_qsl(query, keep_blank_values=True))
        if unknown := sorted(set(options) - _WORDS):
            raise UsageError(f"{name} knows no {unknown[0][:40]!r}", f"write {FORM}")
        if options.get("version", "5") not in ("5", "3.1.1"):
            raise UsageError(
                f"there is no such version of MQTT for {name}", "write version=5 or version=3.1.1"
            )
        discovery = options.get("discovery", "homeassistant")
        authority = options.get("ca")
        return cls(
            name,
            address.host,
            address.port or PORTS[address.scheme],
            address.scheme == "mqtts",
            address.user,
            address.password,
            _topic(unquote(place).strip("/") or "streamdepth", name),
            None if discovery == "off" else _topic(discovery, name),
            options.get("version") == "3.1.1",
            None if authority is None else _authority(Path(authority), address.scheme, name),
        )


def _topic(topic: str, name: str) -> str:
    if not _TOPIC.fullmatch(topic):
        raise UsageError(f"{name} names an invalid topic", "leave out + and #, and write no empty one")
    return topic


def _authority(path: Path, scheme: str, name: str) -> Path:
    if scheme != "mqtts":
        raise UsageError(f"ca is for mqtts://, and {name} is not encrypted", "write mqtts://")
    if not path.is_file():
        raise UsageError(f"there is no file {path} of certificates for {name}", "check its path")
    return path
