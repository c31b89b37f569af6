"""The address of a Redis, with TLS or without, as the package redis reads it too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from streamdepth.addresses import read_address, redact_address
from streamdepth.connecting import why_no_answer, why_no_connection
from streamdepth.errors import UsageError
from streamdepth.values import dataclass, field

if TYPE_CHECKING:
    from ssl import SSLContext

SCHEMES = ("redis", "rediss")
CA, CERTIFICATE, KEY, CHECK = "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs"
CHECKS = ("required", "none")
PORT = 6379
OWN_CA = f"if an authority of your own signed it, say rediss://HOST:PORT?{CA}=FILE.pem"


@dataclass(frozen=True)
class RedisAddress:
    """Where a Redis is, and how it lets in."""

    host: str
    port: int
    login: tuple[str, ...] = field(repr=False)
    """Of AUTH: the password, or user and password; empty for none."""
    number: str
    """Of its database; empty for the first."""
    tls: SSLContext | None


def is_redis(text: str) -> bool:
    """Whether it looks like the address of a Redis."""
    address = read_address(text)
    return address is not None and address.scheme in SCHEMES


def read_redis(text: str) -> RedisAddress:
    """`redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER]`, or `rediss://` with TLS and `?ssl_ca_certs=FILE`.

    Raises `UsageError` for what cannot be read, a file as well.
    """
    address = read_address(text)
    if address is None or address.scheme not in SCHEMES:
        raise UsageError(
            f"{redact_address(text)} is not the address of a Redis", "say it as redis://HOST:PORT"
        )
    _check_query(text)
    login = tuple(word for word in (address.user, address.password) if word)
    return RedisAddress(
        address.host or "127.0.0.1", address.port or PORT, login, _number_in(text), _tls_of(text)
    )


def _number_in(text: str) -> str:
    number = urlsplit(text).path.strip("/")
    if number and not (number.isascii() and number.isdecimal()):
        raise UsageError(
            f"{redact_address(text)} names no database of a Redis", "they have numbers: redis://HOST:PORT/1"
        )
    return number


def _tls_of(text: str) -> SSLContext | None:
    """What `rediss://` connects by; None of `redis://`."""
    if urlsplit(text).scheme != "rediss":
        return None
    import ssl

    files = _query(text)
    context = ssl.create_default_context()
    if files.get(CHECK) == "none":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        if CA in files:
            context.load_verify_locations(files[CA])
        if CERTIFICATE in files:
            context.load_cert_chain(files[CERTIFICATE], files.get(KEY))
    except OSError as error:  # an SSLError as well
        named = " or ".join(files[name] for name in (CA, CERTIFICATE, KEY) if name in files)
        raise UsageError(
            f"TLS with the Redis cannot use {named}: {_without_place(error)}", "name .pem files"
        ) from error
    return context


def reason_of(error: BaseException) -> str:
    """Why a Redis does not answer, by the error of the system below that of a library; empty where there is none."""
    below = _below(error)
    return ": ".join(why_no_answer(below)) if isinstance(below, OSError) else ""


def certificate_refused(error: BaseException) -> str:
    """What is wrong with a certificate, where an error is for that; else empty."""
    from ssl import SSLCertVerificationError

    below = _below(error)
    return why_no_connection(below)[1] if isinstance(below, SSLCertVerificationError) else ""


def _below(error: BaseException) -> BaseException:
    while not isinstance(error, OSError) and (error.__cause__ or error.__context__) is not None:
        error = error.__cause__ or error.__context__ or error
    return error


def _check_query(text: str) -> None:
    named, given = redact_address(text), _query(text)
    takes = (CA, CERTIFICATE, KEY, CHECK) if urlsplit(text).scheme == "rediss" else ()
    if unknown := sorted(set(given) - set(takes)):
        cure = f"rediss:// takes {CA}, {CERTIFICATE}, {KEY} and {CHECK}, redis:// nothing behind ?"
        raise UsageError(f"{named} does not take {', '.join(unknown)}", cure)
    if given.get(CHECK, CHECKS[0]) not in CHECKS:
        raise UsageError(f"{CHECK} of {named} is not known", f"say {' or '.join(CHECKS)}")
    if KEY in given and CERTIFICATE not in given:
        raise UsageError(f"{named} has a key without its certificate", f"add {CERTIFICATE}=FILE")


def _without_place(error: OSError) -> str:
    """An error's words, without the line of OpenSSL's source."""
    return re.sub(r"^\[.*?\] | \(_ssl\.c:\d+\)$", "", error.strerror or str(error))


def _query(text: str) -> Mapping[str, str]:
    return dict(parse_qsl(urlsplit(text).query, keep_blank_values=True))
