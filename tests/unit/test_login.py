"""Logins by Basic (RFC 7617) and Digest (RFC 7616, RFC 2069)."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamdepth.login import Login, hash_alone


def test_nothing_is_shown_before_it_is_asked_for():
    assert Login("me", "word").header("ANNOUNCE", "rtsp://h/x") is None


def test_basic():
    login = Login("me", "word")
    assert login.learn(['Basic realm="cam"'])
    assert login.header("ANNOUNCE", "rtsp://h/x") == "Basic bWU6d29yZA=="


def fields(header):
    return {
        name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)
    }


def test_digest_as_of_old():
    login = Login("me", "word")
    assert login.learn(['Basic realm="cam"', 'Digest realm="cam", nonce="n1", opaque="o"'])
    told = fields(login.header("ANNOUNCE", "rtsp://h/x"))
    who = hashlib.md5(b"me:cam:word").hexdigest()
    what = hashlib.md5(b"ANNOUNCE:rtsp://h/x").hexdigest()
    assert told["response"] == hashlib.md5(f"{who}:n1:{what}".encode()).hexdigest()
    assert (told["username"], told["uri"], told["opaque"]) == ("me", "rtsp://h/x", "o")
    assert "algorithm" not in told


@pytest.mark.parametrize(("name", "hashed"), [("MD5", hashlib.md5), ("SHA-256", hashlib.sha256)])
def test_digest_with_quality_of_protection_counts_its_requests(name, hashed):
    login = Login("me", "word")
    assert login.learn([f'Digest realm="cam", nonce="n1", qop="auth-int,auth", algorithm={name}'])
    for count in ("00000001", "00000002"):
        told = fields(login.header("SETUP", "rtsp://h/x/0"))
        who = hashed(b"me:cam:word").hexdigest()
        what = hashed(b"SETUP:rtsp://h/x/0").hexdigest()
        both = f"{who}:n1:{count}:{told['cnonce']}:auth:{what}"
        assert told["response"] == hashed(both.encode()).hexdigest()
        assert (told["qop"], told["nc"], told["algorithm"]) == ("auth", count, name)


def test_what_is_not_known_here_is_not_answered():
    assert not Login("me", "word").learn(["Negotiate", 'Digest realm="x", nonce="y", algorithm=SHA-512'])


@pytest.mark.parametrize(
    ("challenges", "hashed"),
    [
        (['Digest realm="c", nonce="n", algorithm="SHA-256"'], "SHA-256"),
        (['Digest realm="c", nonce="n", algorithm=SHA-256', 'Digest realm="c", nonce="n"'], None),
        (['Basic realm="c"', 'Digest realm="c", nonce="n", algorithm=SHA-256'], None),
        (['Digest realm="c", nonce="n", algorithm=MD5'], None),
        ([], None),
    ],
)
def test_a_hash_is_wanted_alone_where_nothing_older_would_do(challenges, hashed):
    assert hash_alone(challenges) == hashed


@given(
    st.lists(
        st.one_of(st.text(max_size=60), st.sampled_from(["Basic", 'Digest nonce="x', "Digest qop=auth"]))
    )
)
def test_whatever_a_server_asks_for_is_answered_or_not(challenges):
    login = Login("me", "word")
    if login.learn(challenges):
        assert login.header("ANNOUNCE", "rtsp://h/x").split()[0] in ("Basic", "Digest")
