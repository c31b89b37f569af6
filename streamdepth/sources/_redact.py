"""Addresses as they may be shown: without what is secret in them."""

from __future__ import annotations

import re

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<authority>[^/?#]*)(?P<rest>.*)", re.I | re.S)
_NAMED_PORT = re.compile(r":[^\]:@]*[^\]:@0-9][^\]:@]*$")
# Some cameras take a login in the path: /user=me_password=secret_channel=1
_SECRET_FIELD = re.compile(
    r"(?P<field>[?&;/_][^=&;/]*(?:pass|pwd|token|secret|auth|key|sig)[^=&;/]*=)(?:(?!_[a-z]+=)[^&;#])*", re.I
)


def redact(text: str) -> str:
    """Blank out what is secret in an address: user and password, and fields that look like keys.

    `rtsp://me:pw@cam/1?token=x` becomes `rtsp://***@cam/1?token=***`; what is no address comes back as it is. A
    password with a raw slash is blanked out too, as long as what stands before the slash is no port number.
    """
    match = _URL.fullmatch(text)
    if match is None:
        return text
    scheme, authority, rest = match.group("scheme", "authority", "rest")
    if "@" not in authority and "@" in rest and _NAMED_PORT.search(authority):
        authority, _, rest = (authority + rest).rpartition("@")
        authority += "@"
    _, at, host = authority.rpartition("@")
    return scheme + ("***" if at else "") + at + host + _SECRET_FIELD.sub(r"\g<field>***", rest)
