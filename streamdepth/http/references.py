"""Addresses within a service: it may stand below a path of its host, which a proxy takes away before it asks."""

from __future__ import annotations

import posixpath


def reference(asked: str, target: str) -> str:
    """`target` as a relative reference (RFC 3986, section 4.2) from `asked`; both are paths of the service."""
    folder, name = posixpath.split(target)
    return posixpath.join(posixpath.relpath(folder, posixpath.dirname(asked)), name)
