"""Languages of tracks, where a container has a list of its own."""

from __future__ import annotations

_QUICKTIME = frozenset({
    "alb", "amh", "ara", "arm", "asm", "aym", "aze", "baq", "bel", "ben", "bul", "bur", "cat", "ces",
    "chi", "dan", "dut", "dzo", "eng", "epo", "est", "fin", "fra", "geo", "ger", "gre", "grn", "guj",
    "heb", "hin", "hun", "ice", "ind", "ita", "jav", "jpn", "kan", "kas", "kaz", "khm", "kir", "kor",
    "kur", "lao", "lat", "lav", "lit", "mac", "mal", "mar", "may", "mlg", "mlt", "mol", "mon", "nep",
    "nor", "ori", "orm", "per", "pol", "por", "pus", "que", "ron", "run", "rus", "san", "sin", "slk",
    "slv", "snd", "som", "spa", "sve", "swa", "tam", "tat", "tel", "tgk", "tgl", "tha", "tib", "tuk",
    "tur", "uig", "ukr", "urd", "uzb", "vie", "wel", "yid",
})  # fmt: skip
"""By the names that FFmpeg's muxer knows them by (8.1), one each."""
_OTHER_NAMES = {
    "bod": "tib", "cym": "wel", "cze": "ces", "deu": "ger", "ell": "gre", "eus": "baq", "fas": "per", "fre": "fra",
    "hye": "arm", "isl": "ice", "kat": "geo", "mkd": "mac", "msa": "may", "mya": "bur", "nld": "dut", "nno": "nor",
    "nob": "nor", "rum": "ron", "slo": "slk", "sqi": "alb", "swe": "sve", "zho": "chi",
}  # fmt: skip
"""The same language by another code of ISO 639-2."""


def any_language(code: str) -> str | None:
    """Of containers that write the code itself."""
    return code


def quicktime_language(code: str) -> str | None:
    """The name by which a language gets into MOV, whose list is QuickTime's; None for one that is not there."""
    name = _OTHER_NAMES.get(code, code)
    return name if name in _QUICKTIME else None
