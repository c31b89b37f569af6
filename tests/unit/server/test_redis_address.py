"""Addresses of a Redis: what is in them, and what is wrong with them, in one sentence."""

from __future__ import annotations

import ssl

import pytest
from certificates import certificate

from streamdepth.errors import UsageError
from streamdepth.server.redis_address import is_redis, read_redis, reason_of


def test_an_address_has_a_login_a_place_and_a_number():
    read = read_redis("redis://me:pass%20word@house:6380/3")
    assert (read.host, read.port, read.login, read.number) == ("house", 6380, ("me", "pass word"), "3")
    assert read.tls is None
    assert "pass word" not in repr(read)
    read = read_redis("redis://:secret@[::1]")
    assert (read.host, read.port, read.login, read.number) == ("::1", 6379, ("secret",), "")


def test_one_with_tls_is_checked_unless_the_address_says_no(tmp_path):
    cert, key = certificate(tmp_path)
    assert read_redis("rediss://house").tls.check_hostname
    own = read_redis(f"rediss://house?ssl_ca_certs={cert}&ssl_certfile={cert}&ssl_keyfile={key}").tls
    assert own.check_hostname
    assert own.cert_store_stats()["x509"] == ssl.create_default_context().cert_store_stats()["x509"] + 1
    blind = read_redis("rediss://house?ssl_cert_reqs=none").tls
    assert (blind.check_hostname, blind.verify_mode) == (False, ssl.CERT_NONE)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://house", "is not the address of a Redis"),
        ("redis://house:port", "is not the address of a Redis"),
        ("redis://house/jobs", "names no database"),
        ("redis://house?max=3", "does not take max"),
        ("redis://house?ssl_ca_certs=ca.pem", "does not take ssl_ca_certs"),
        ("rediss://house?ssl_cert_reqs=never", "say required or none"),
        ("rediss://house?ssl_keyfile=key.pem", "without its certificate"),
        ("rediss://house?ssl_ca_certs=/nowhere.pem", "/nowhere.pem: No such file"),
        ("rediss://house?ssl_ca_certs=/dev/null", "cannot use /dev/null: no certificate"),
    ],
)
def test_what_is_wrong_with_one_is_said(address, says):
    with pytest.raises(UsageError, match=says):
        read_redis(address)


def test_the_kind_alone_makes_it_one():
    assert is_redis("rediss://house:6380/1")
    assert not is_redis("memory")
    assert not is_redis("redis://house:99999")


def test_why_it_does_not_answer_is_what_the_system_says():
    error = ValueError("Error 111 connecting to house:6379. Connection refused.")
    assert reason_of(error) == ""
    error.__context__ = ConnectionRefusedError(111, "Connection refused")
    assert reason_of(error).startswith("connection refused: ")
    assert reason_of(TimeoutError()).startswith("nothing came in time: ")
