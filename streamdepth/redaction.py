"""Secrets in any text: what is written for people or for a log goes through here."""

from __future__ import annotations

import re

_USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^\s/?#]*@", re.I)
# A password with a raw slash; what stands before the slash is no port, else the @ belongs to the path.
_USER_WITH_SLASH = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^\s/?#@:]+:[^\s/?#@]*[^\s/?#@0-9][^\s/?#@]*[/?#][^\s@]*@", re.I
)
_FIELD = re.compile(
    r"(?P<field>[?&;][^=&;\s]*(?:pass|pwd|token|secret|auth|key|sig)[^=&;\s]*=)[^&;#\s\"']*", re.I
)


def redact(text: str) -> str:
    """`text` with user and password of every address in it, and query fields that look like keys, blanked out.

    `cannot read rtsp://me:pw@cam/1?token=x` becomes `cannot read rtsp://***@cam/1?token=***`.
    """
    text = _USER_WITH_SLASH.sub(r"\g<scheme>***@", text)
    text = _USER.sub(r"\g<scheme>***@", text)
    return _FIELD.sub(r"\g<field>***", text)
