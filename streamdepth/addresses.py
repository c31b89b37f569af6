"""What a user may type for an input or a destination: how it is read, what is wrong with it, how it may be shown.

    rtsp://USER:PASSWORD@HOST:PORT/PATH
    ^scheme ^login       ^place    ^rest, with query and fragment

Everything that is written for people or for a log goes through `redact`, which finds addresses in any text.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from streamdepth.key_like import looks_like_key
from streamdepth.values import dataclass, field

WORDS = frozenset({"demo", "browser"})
"""Inputs that are no file, wherever it is started."""
LIVE_SCHEMES = frozenset({"rtsp", "rtsps", "rtmp", "rtmps", "srt"})
"""Kinds of address that are live and nothing else."""
RECORDED_SCHEMES = frozenset({"http", "https", "ftp", "sftp", "smb"})
"""Kinds of address behind which a whole recording may lie; all others are live."""
WITH_HOST = frozenset({"rtsp", "rtsps", "http", "https", "rtmp", "rtmps"})
"""Kinds of address that name a host."""
_OTHERS = frozenset({
    "rtmpe", "rtmpt", "rtmpte", "rtmpts", "ftp", "sftp", "smb", "gopher", "gophers", "mmsh", "mmst", "amqp", "zmq",
    "tcp", "tls", "udp", "udplite", "rtp", "srtp", "srt", "rist", "sctp", "sap", "unix", "ipfs", "ipns", "icecast",
})  # fmt: skip
"""What FFmpeg reads, in one build or another; some of these have no host, as in `udp://@:1234`."""
READABLE = WITH_HOST | _OTHERS
ESCAPES = {"#": "%23", "?": "%3F", "/": "%2F", "@": "%40", ":": "%3A"}
LONGEST_NAME = 60

_SCHEME = r"[a-z][a-z0-9+.-]+"  # two letters at least: the one of "C:\film.mp4" is a drive
_ADDRESS = re.compile(rf"(?P<scheme>{_SCHEME}://)(?P<authority>[^/?#]*)(?P<rest>.*)", re.I | re.S)
_ICE = re.compile(r"(?P<scheme>(?:stun|turn)s?:)(?!//)(?P<login>.*@)(?P<rest>.*)", re.I | re.S)
_PLACE = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]*)(?::(?P<port>[0-9]*))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# A placeholder for a login in a message is not a login.
_EXAMPLE = r"(?!(?-i:\[?(?:USER:PASSWORD|USER:SECRET|SECRET|TOKEN)@\]?HOST(?:[:/\s)]|$)))"
_IN_TEXT = re.compile(rf"{_SCHEME}://{_EXAMPLE}(?:(?!(?<=[\"'|,;(<]){_SCHEME}://)\S)+", re.I)
_ICE_IN_TEXT = re.compile(rf"(?P<scheme>\b(?:stun|turn)s?:)(?!//){_EXAMPLE}\S*@", re.I)
_QUOTED = re.compile(
    rf"(?P<quote>[\"'])(?P<address>{_SCHEME}://{_EXAMPLE}(?:(?!(?P=quote)).)*)(?P=quote)", re.I
)
# Some cameras take a login in the path: /user=me_password=secret_channel=1
_NAME = r"(?P<field>[?&;/_][^=&;/\s]*(?:pass|pwd|token|secret|auth|key|sig|streamid)[^=&;/\s]*=)"
_FIELD = re.compile(_NAME + r"(?:(?!_[a-z]+=)[^&;#\s\"'])*", re.I)
_FIELD_OF_ADDRESS = re.compile(_NAME + r"(?:(?!_[a-z]+=)[^&;#])*", re.I)
_PART = re.compile(
    r"(?P<before>[/?#&;](?:[^/?#&;=]*=)?)(?P<word>[^/?#&;]*?)(?P<after>[\"'|,:.)>\]]*)(?=[/?#&;]|$)"
)
_KEY_OF_STREAM = re.compile(r"(?P<before>rtmp\w*://[^/?#]*(?:/[^/?#]+)+/)(?P<word>[^/?#\s]+)", re.I)
"""Of RTMP, whose last word is the key by which a stream is sent or seen."""


@dataclass(frozen=True)
class Address:
    """An address, taken apart where FFmpeg takes it apart. `name` may be shown.

    What follows a raw @ in a password is taken for the host: so that is not shown either.
    """

    text: str = field(repr=False)
    name: str
    scheme: str
    """In small letters."""
    host: str = field(repr=False)
    """Without the brackets of IPv6; empty where there is none."""
    port: int | None
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)
    place: str = field(repr=False)
    """Host and port as they were written."""
    rest: str = field(repr=False)
    """Path, query and fragment."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong with something that was typed, in words that hold no secret."""

    what: str
    cure: str
    of_kind: bool = False
    """Whether it is an address of a kind that is not known."""


def scheme_of(text: str) -> str | None:
    """The kind of an address in small letters; None for what is no address."""
    match = _ADDRESS.fullmatch(text)
    return None if match is None else match["scheme"][:-3].lower()


def is_remote(text: str) -> bool:
    """Whether it is an address on the network, and not one of a file."""
    return scheme_of(text) not in (None, "file")


def looks_like_input(word: str) -> bool:
    """Whether a word by itself is more likely an input than a mistyped command."""
    return word in WORDS or any(sign in word for sign in "./\\*?[") or Path(word).exists()


def local_path(text: str) -> Path | None:
    """The file that is meant by a path or a file:// address; None for an address on the network."""
    if is_remote(text):
        return None
    if scheme_of(text) is None:
        return Path(text)
    from urllib.request import url2pathname  # with http and ssl behind it: a quarter of the start of --help

    return Path(url2pathname(urlsplit(text).path))


def read_address(text: str) -> Address | None:
    """The parts of an address; None where it is none, or its host or port cannot be read."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    login, at, place = match["authority"].rpartition("@")
    parts = _PLACE.fullmatch(place)
    if parts is None or int(parts["port"] or 0) > 65535:
        return None
    user, colon, password = login.partition(":")
    return Address(
        text,
        redact_address(text),
        match["scheme"][:-3].lower(),
        parts["host"].strip("[]"),
        int(parts["port"]) if parts["port"] else None,
        unquote(user) if at else None,
        unquote(password) if colon else None,
        place,
        match["rest"],
    )


def mistake_in_address(text: str, kinds: frozenset[str] = READABLE) -> Mistake | None:
    """What is wrong with an address to the eye, before anybody is asked over the network."""
    match = _ADDRESS.fullmatch(text)
    assert match is not None, "the caller has seen that it is an address"
    scheme, name = match["scheme"][:-3].lower(), redact_address(text)
    if _CONTROL.search(text):
        return Mistake(f"the address {name!r} holds a line break or another control character", "take it out")
    if scheme not in kinds:
        return _unknown_kind(scheme, name, kinds)
    if login := _raw_login(match["authority"], match["rest"]):
        return Mistake(f"the login in {name} is written so that its end cannot be found", _escaping(login))
    address = read_address(text)
    if address is None:
        return _unreadable_place(match["authority"].rpartition("@")[2], name)
    if address.host.lower() in kinds and address.rest.startswith("//"):
        return Mistake(f"the address {name} says twice of what kind it is", f"write {scheme}:// once")
    if scheme in WITH_HOST and not address.host:
        return Mistake(f"the address {name} names no host", f"write it as {scheme}://HOST/PATH")
    return None


def mistake_in_path(text: str) -> Mistake | None:
    """What was meant by a path that does not exist, where it looks like an address that was mistyped."""
    bare = text.strip().strip("\"'").strip()
    name = _without_login(bare)
    if bare != text and _ADDRESS.match(bare):
        return Mistake(f"the address {name} stands in quotes or spaces", "take them out")
    kind = re.match(r"(?P<scheme>[a-z]{3,5}):?[/\\]{1,2}(?P<rest>[^/\\].*)", bare, re.I | re.S)
    if kind and kind["scheme"].lower() in WITH_HOST:
        shown = name.replace("\\", "/")
        return Mistake(
            f"{shown} is neither a file nor an address", f"write it as {kind['scheme'].lower()}://HOST/PATH"
        )
    looks_like_login = re.fullmatch(r"[^/\s]+:.*@[^/\s].*", bare, re.S)
    looks_like_host = re.fullmatch(r"(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?:/.*)?", bare, re.S)
    if looks_like_login or looks_like_host:
        return Mistake(
            f"{name} is neither a file nor an address", f"as the address of a camera, write rtsp://{name}"
        )
    return None


def escaping_cure(text: str) -> str | None:
    """Advice for an address that failed and whose login may have been read wrong; None where all is clear."""
    match = _ADDRESS.fullmatch(text)
    if (
        match is None
        or "@" not in match["rest"]
        or not (":" in match["authority"] or "@" in match["authority"])
    ):
        return None
    return _escaping(_up_to_last_at(match["authority"] + match["rest"]))


def short_name(spec: str) -> str:
    """What to call a path, a word or an address: short, and without a login, a query, or the folders of a file."""
    file = local_path(spec)
    if file is not None:
        return file.name or spec
    match = _ADDRESS.fullmatch(redact_address(spec))
    assert match is not None, "a path is not remote"
    path = re.split(r"[?#]", match["rest"], maxsplit=1)[0]
    name = match["scheme"] + match["authority"].rpartition("@")[2] + path
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 3] + "..."


def redact(text: str) -> str:
    """`text` with the login of every address in it, fields that are called keys, and what looks like one, blanked out.

    `cannot read rtsp://me:pw@cam/1?token=x` becomes `cannot read rtsp://***@cam/1?token=***`. Words of a path that a
    machine made are keys (`key_like`), and the last one of RTMP is. Where it is unclear whether an @ belongs to a
    login or to a path, it is taken for that of a login.
    """
    # Most lines have nothing of this, and to see that takes a hundredth of the time.
    if "@" in text:
        text = _ICE_IN_TEXT.sub(r"\g<scheme>***@", text)
    if "://" in text:
        text = _QUOTED.sub(
            lambda found: found["quote"] + _without_secrets(found["address"]) + found["quote"], text
        )
        text = _IN_TEXT.sub(lambda found: _without_secrets(found[0]), text)
    return _FIELD.sub(r"\g<field>***", text) if "=" in text else text


def redact_address(address: str) -> str:
    """The same of one address and nothing else, whose secrets may hold spaces; what is no address stays as it is."""
    ice = _ICE.fullmatch(address)
    if ice is not None:
        return f"{ice['scheme']}***@{ice['rest']}"
    if not is_remote(address):
        return address
    return _FIELD_OF_ADDRESS.sub(r"\g<field>***", _hide_login_without_host(_without_secrets(address)))


def digest_of(address: str) -> str:
    """What distinguishes two addresses whose keys are hidden: its path, without login, query and passwords."""
    path = re.split(r"[?#]", _hide_login_without_host(_hide_login(address)), maxsplit=1)[0]
    return hashlib.sha256(_FIELD_OF_ADDRESS.sub(r"\g<field>***", path).encode()).hexdigest()[:16]


def redact_path(address: str) -> str:
    """The same of a webhook, of which no path is shown: it is a secret at many services."""
    match = _ADDRESS.fullmatch(address)
    if match is None or match["scheme"].lower() not in ("http://", "https://"):
        return redact_address(address)
    return f"{match['scheme'].lower()}{match['authority'].rpartition('@')[2]}/..."


def _without_secrets(address: str) -> str:
    return _hide_keys(_hide_login(address))


def _hide_keys(address: str) -> str:
    """Of an address without its login."""
    match = _ADDRESS.fullmatch(address)
    if match is None or match["scheme"].lower() == "file://":
        return address
    start = match.start("rest")
    hidden = address[:start] + _PART.sub(_hidden_part, address[start:])
    return _KEY_OF_STREAM.sub(r"\g<before>***", hidden)


def _hidden_part(part: re.Match[str]) -> str:
    word = "***" if looks_like_key(part["word"]) else part["word"]
    return part["before"] + word + part["after"]


def _hide_login(address: str) -> str:
    match = _ADDRESS.fullmatch(address)
    if match is None or match["scheme"].lower() == "file://":
        return address
    authority, rest = match["authority"], match["rest"]
    has_login = "@" in authority or (
        not _is_bracketed(authority) and _may_be_login(match["scheme"], authority)
    )
    whole = authority + rest
    if "@" in whole and has_login:
        return f"{match['scheme']}***@{whole[len(_up_to_last_at(whole)) + 1 :]}"
    return address


def _hide_login_without_host(address: str) -> str:
    """`rtsp://me:pw/1`, where what stands for a port is none: somebody forgot the host."""
    match = _ADDRESS.fullmatch(address)
    if match is None or "@" in match["authority"] or _is_bracketed(match["authority"]):
        return address
    user, colon, port = match["authority"].partition(":")
    return address if not port or port.isdecimal() else f"{match['scheme']}{user}{colon}***{match['rest']}"


def _may_be_login(scheme: str, authority: str) -> bool:
    """Whether what stands before the first / may be the beginning of a login: a token has no colon."""
    return ":" in authority or scheme.lower().startswith("whip")


def _is_bracketed(authority: str) -> bool:
    return authority.startswith("[") and _PLACE.fullmatch(authority) is not None


def _up_to_last_at(whole: str) -> str:
    return whole.rpartition("@")[0]


def _raw_login(authority: str, rest: str) -> str | None:
    """The login of an address where /, ? or # in it ends the host too early; None where it is not sure."""
    if "@" in authority or "@" not in rest or ":" not in authority or _is_bracketed(authority):
        return None
    port = authority.rpartition(":")[2]
    may_be_port = port.isdecimal() and int(port) <= 65535 and not rest.startswith("#")
    return None if may_be_port else _up_to_last_at(authority + rest)


def _escaping(login: str) -> str:
    """Which of the signs in a login are to be written how."""
    signs = [sign for sign in "#?/@" if sign in login] or list("#?/@")
    return "in a user name or password, write " + ", ".join(f"{sign} as {ESCAPES[sign]}" for sign in signs)


def _unknown_kind(scheme: str, name: str, kinds: frozenset[str]) -> Mistake:
    near = difflib.get_close_matches(scheme, sorted(kinds & WITH_HOST), n=1, cutoff=0.7)
    cure = f"use {near[0]}://" if near else "use rtsp://, http:// or https://, or name a file"
    return Mistake(f"the address {name} is of a kind that cannot be read here", cure, of_kind=True)


def _unreadable_place(place: str, name: str) -> Mistake:
    if re.fullmatch(r"[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*", place, re.I):
        return Mistake(
            f"the host of {name} cannot be told from its port", "write IPv6 in brackets: [::1]:554"
        )
    return Mistake(
        f"the host or the port of {name} cannot be read",
        "write HOST:PORT with a port up to 65535, before it a login as USER:PASSWORD@, and in that "
        + ", ".join(f"{sign} as {code}" for sign, code in ESCAPES.items()),
    )


def _without_login(bare: str) -> str:
    """Of what is no address but may be meant as one: all before the last @ is left out."""
    if "@" not in bare:
        return bare
    scheme = re.match(r"[a-z]{3,5}:?[/\\]{1,2}", bare, re.I)
    return (scheme[0] if scheme else "") + "***@" + bare.rpartition("@")[2]
