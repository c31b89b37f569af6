"""Which form an answer has: what the client accepts (RFC 9110, section 12.5.1) of what there is."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from streamdepth.http.refusal import Refused
from streamdepth.values import dataclass

_LONGEST = 4096
"""Characters of an `Accept` that are looked at."""

_ANY_FITS = ("q=", "charset=")
"""Parameters that distinguish none of the answers; many clients ask for JSON with a charset, though it has none."""


class Form(Enum):
    """An answer about one picture; the value is its media type."""

    HEAT = "image/png"
    """Colours."""
    JPEG = "image/jpeg"
    """Colours, with losses."""
    DEEP = "image/png;depth=16"
    """Numbers in 16 bits, with the scale in headers."""
    NPY = "application/x-npy"
    """float32."""
    JSON = "application/json"
    """Statistics."""

    @property
    def suffix(self) -> str:
        """Of a file that holds it."""
        return {"image/png": ".png", "image/jpeg": ".jpg", "application/x-npy": ".npy"}.get(
            self.media_type, ".json"
        )

    @property
    def media_type(self) -> str:
        """Without parameters, as `Content-Type` has it."""
        return self.value.partition(";")[0]


ZIP = "application/zip"
"""Of several pictures: a file for each."""


@dataclass(frozen=True)
class _Range:
    kind: str
    subtype: str
    parameters: frozenset[str]
    quality: float

    def fits(self, media_type: str) -> int:
        """How closely it names a media type: 0 not at all."""
        (kind, _, subtype), parameters = _split(media_type)
        if self.kind == "*":
            return 1
        if self.kind != kind:
            return 0
        if self.subtype == "*":
            return 2
        if self.subtype != subtype or not self.parameters <= parameters:
            return 0
        return 3 + len(self.parameters)


@lru_cache(256)
def choose(accept: str | None, offers: tuple[str, ...]) -> str:
    """The media type among `offers`, the usual one first, that a client likes best; raises `Refused` with 406."""
    ranges = [*_ranges((accept or "*/*")[:_LONGEST])]
    best, liking = "", 0.0
    for offer in offers:
        closest = max(ranges, key=lambda one: one.fits(offer), default=None)
        quality = closest.quality if closest is not None and closest.fits(offer) else 0.0
        if quality > liking:
            best, liking = offer, quality
    if not best:
        raise Refused(406, f"this is answered as {', '.join(offers)} (send one of them as Accept)")
    return best


def _ranges(accept: str) -> list[_Range]:
    found = []
    for part in accept.split(","):
        media_type, *rest = part.split(";")
        kind, slash, subtype = media_type.strip().lower().partition("/")
        words = [word.strip().lower().replace(" ", "").replace('"', "") for word in rest]
        if slash and kind and subtype:
            parameters = frozenset(word for word in words if word and not word.startswith(_ANY_FITS))
            quality = next((_quality(word[2:]) for word in words if word.startswith("q=")), 1.0)
            found.append(_Range(kind, subtype, parameters, quality))
    return found


def _quality(word: str) -> float:
    try:
        quality = float(word)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0


def _split(media_type: str) -> tuple[tuple[str, str, str], frozenset[str]]:
    name, *parameters = media_type.split(";")
    return name.partition("/"), frozenset(parameters)
