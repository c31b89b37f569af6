"""Secrets in addresses and in any text: what is written for people or for a log goes through here."""

from __future__ import annotations

import re

# What tells people where to write a login is no login.
_EXAMPLE = r"(?!(?-i:(?:USER:PASSWORD|USER:SECRET|TOKEN)@HOST[:/]))"
_USER = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*://){_EXAMPLE}[^\s/?#]*@", re.I)
# A password with a raw slash; what stands before the slash is no port, else the @ belongs to the path.
_USER_WITH_SLASH = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*://){_EXAMPLE}[^\s/?#@:]+:[^\s/?#@]*[^\s/?#@0-9][^\s/?#@]*[/?#][^\s@]*@",
    re.I,
)
_TURN = re.compile(rf"(?P<scheme>\bturns?:)(?!//){_EXAMPLE}[^\s/?#]*@", re.I)
# Some cameras take a login in the path: /user=me_password=secret_channel=1
_NAME = r"(?P<field>[?&;/_][^=&;/\s]*(?:pass|pwd|token|secret|auth|key|sig)[^=&;/\s]*=)"
_FIELD = re.compile(_NAME + r"(?:(?!_[a-z]+=)[^&;#\s\"'])*", re.I)
_FIELD_OF_ADDRESS = re.compile(_NAME + r"(?:(?!_[a-z]+=)[^&;#])*", re.I)
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<authority>[^/?#]*)(?P<rest>.*)", re.I | re.S)
_NAMED_PORT = re.compile(r":[^\]:@]*[^\]:@0-9][^\]:@]*$")


def redact(text: str) -> str:
    """`text` with user and password of every address in it, and fields that look like keys, blanked out.

    `cannot read rtsp://me:pw@cam/1?token=x` becomes `cannot read rtsp://***@cam/1?token=***`.
    """
    text = _TURN.sub(r"\g<scheme>***@", text)
    text = _USER_WITH_SLASH.sub(r"\g<scheme>***@", text)
    text = _USER.sub(r"\g<scheme>***@", text)
    return _FIELD.sub(r"\g<field>***", text)


def redact_address(address: str) -> str:
    """The same of one address and nothing else, whose secrets may hold spaces; what is no address stays as it is.

    A password with a raw slash is blanked out too, as long as what stands before the slash is no port number.
    """
    match = _URL.fullmatch(address)
    if match is None:
        return address
    scheme, authority, rest = match.group("scheme", "authority", "rest")
    if "@" not in authority and "@" in rest and _NAMED_PORT.search(authority):
        authority, _, rest = (authority + rest).rpartition("@")
        authority += "@"
    _, at, host = authority.rpartition("@")
    return scheme + ("***" if at else "") + at + host + _FIELD_OF_ADDRESS.sub(r"\g<field>***", rest)
