from __future__ import annotations

import base64

import pytest

from streamdepth.delivery.webhook import Webhook, signature
from streamdepth.errors import UsageError


def test_the_signature_is_that_of_the_published_example():
    """From the test vectors of the Standard Webhooks libraries."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_login_is_the_secret_and_nothing_of_it_or_of_the_path_is_shown():
    hook = Webhook.parse("https://whsec_TWZLUTlyOEdLWXFy@example.org:8443/hooks/T0K3N?x=1")
    assert hook.secret == b"MfKQ9r8GKYqr"
    assert hook.url == "https://example.org:8443/hooks/T0K3N?x=1"
    assert hook.name == "https://example.org:8443/..."
    assert "T0K3N" not in repr(hook)
    assert Webhook.parse("http://plain%2Fsecret@h").secret == b"plain/secret"
    assert Webhook.parse("http://h").secret is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("https://me:pw@h/x", "is not a secret to sign with"),
        ("https://whsec_%%%@h/x", "is not followed by Base64"),
        ("https:///x", "names no host"),
        ("https://h/a b", "spaces or odd characters"),
    ],
)
def test_what_is_no_webhook_is_refused_without_its_secret(text, what):
    with pytest.raises(UsageError, match=what) as refusal:
        Webhook.parse(text)
    assert "pw" not in str(refusal.value)
    assert "%%%" not in str(refusal.value)
