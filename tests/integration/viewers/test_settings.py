from __future__ import annotations

import pytest
from certificates import certificate

from streamdepth.errors import SinkError, UsageError
from streamdepth.viewers.settings import WebSettings


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.9"])
def test_this_machine_needs_no_token(host):
    assert WebSettings(host=host).token is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "depth.example"])
def test_others_need_one(host):
    with pytest.raises(UsageError, match="anybody in the network could watch"):
        WebSettings(host=host)
    assert WebSettings(host=host, token="long-enough").host == host


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "short"},
        {"token": "with a space in it"},
        {"max_viewers": 0},
        {"max_viewers": 33},
        {"port": 70000},
        {"certificate": "cert.pem"},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(UsageError):
        WebSettings(**wrong)


def test_a_certificate_that_is_none_is_told(tmp_path):
    settings = WebSettings(certificate=tmp_path / "cert.pem", key=tmp_path / "key.pem")
    with pytest.raises(SinkError, match=r"key\.pem: no such file or directory \(give"):
        settings.check_certificate()
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("nonsense")
    with pytest.raises(SinkError, match=r"key\.pem: not a certificate with its key \(give"):
        settings.check_certificate()


def test_a_key_of_another_certificate_is_told(tmp_path):
    (other := tmp_path / "other").mkdir()
    settings = WebSettings(certificate=certificate(tmp_path)[0], key=certificate(other)[1])
    with pytest.raises(SinkError, match=r"key\.pem: they do not belong together \(give"):
        settings.check_certificate()
