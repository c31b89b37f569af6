from __future__ import annotations

import errno
import http.client
import socket
import ssl

import pytest

from streamdepth.connecting import why_no_answer, why_no_connection


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "host not known"),
        (ConnectionRefusedError(), "refused"),
        (TimeoutError(), "no answer"),
        (OSError(errno.EHOSTUNREACH, "x"), "cannot be reached"),
        (ConnectionResetError(), "broke off"),
        (ssl.SSLError(1, "x"), "no secure connection"),
    ],
)
def test_why_a_server_cannot_be_reached_is_told_in_words(error, says):
    assert says in why_no_connection(error)[0]
    if not isinstance(error, TimeoutError):  # "does not answer: no answer" would say nothing
        assert says in why_no_answer(error)[0]


def test_why_there_is_no_answer_has_a_cure_whatever_came():
    assert why_no_answer(ConnectionResetError()) == ("connection broke off", "check that it is running")
    assert why_no_answer(http.client.IncompleteRead(b"")) == why_no_answer(ConnectionResetError())
    assert why_no_answer(TimeoutError())[0] == "nothing came in time"
    assert why_no_answer(http.client.BadStatusLine("SSH-2.0"))[0] == "what comes is not HTTP"


@pytest.mark.parametrize(
    ("code", "message", "cure"),
    [
        (18, "self-signed certificate", "must be one that this machine trusts"),
        (20, "unable to get local issuer certificate", "must be one that this machine trusts"),
        (10, "certificate has expired", "renew it"),
        (62, "hostname mismatch", "for another name"),
        (
            85,
            "Missing Authority Key Identifier",
            "is refused (Missing Authority Key Identifier): make it anew",
        ),
    ],
)
def test_a_certificate_that_is_refused_has_the_cure_of_its_own_fault(code, message, cure):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    reason, told = why_no_connection(error)
    assert reason == "no secure connection"
    assert cure in told


def test_a_server_without_tls_is_no_matter_of_certificates():
    assert "speaks TLS" in why_no_connection(ssl.SSLError(1, "wrong version number"))[1]
