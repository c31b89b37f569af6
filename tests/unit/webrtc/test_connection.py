"""What is said where a connection cannot begin."""

from __future__ import annotations

import asyncio
import errno
from types import SimpleNamespace

import pytest

from streamdepth.webrtc.connection import AddressesHidden, describe


def failing(error):
    """A connection whose candidates cannot be gathered."""

    async def gather(_description):
        raise error

    return SimpleNamespace(setLocalDescription=gather)


def test_a_system_that_names_no_addresses_is_reported_with_the_cure():
    hidden = OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
    with pytest.raises(AddressesHidden) as caught:
        asyncio.run(describe(failing(hidden), None))
    assert str(caught.value) == (
        "the addresses of this machine cannot be listed: Address family not supported by protocol "
        "(under systemd, RestrictAddressFamilies needs AF_NETLINK)"
    )


def test_a_connection_that_was_closed_meanwhile_is_not_taken_for_that():
    with pytest.raises(ConnectionError):
        asyncio.run(describe(failing(ConnectionResetError()), None))
