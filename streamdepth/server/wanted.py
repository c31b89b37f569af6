"""What is wanted of a picture's depth: the options of a request, as one value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any, Literal, get_args

from starlette.datastructures import QueryParams

from streamdepth.errors import UsageError
from streamdepth.rendering.colormaps import COLORMAPS
from streamdepth.rendering.layouts.registry import LAYOUTS
from streamdepth.rendering.look import Look
from streamdepth.server.negotiation import Form
from streamdepth.values import dataclass, field
from streamdepth.zones.figures import Box

Size = Literal["source", "network"]
SIZES: tuple[Size, ...] = get_args(Size)
MOST_BOXES = 256
_BOXES = r"^(\d{1,6},\d{1,6},[1-9]\d{0,5},[1-9]\d{0,5};?)*$"
"""What `read_boxes` takes, for the contract."""
_BOX = re.compile(r"(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})")


@dataclass(frozen=True)
class Option:
    """A word of an address behind the question mark."""

    usual: str
    said: str
    schema: Mapping[str, Any]
    """What it may be, as OpenAPI has it."""


OPTIONS: Mapping[str, Option] = {
    "model": Option("", "A model that is served; the usual one where it is left out.", {}),
    "colormap": Option("inferno", "Of heat maps.", {"enum": [*COLORMAPS]}),
    "layout": Option("depth", "Of heat maps.", {"enum": [*LAYOUTS]}),
    "size": Option("source", "The picture's size, or the depth map's own.", {"enum": [*SIZES]}),
    "boxes": Option("", "In JSON: x,y,w,h;x,y,w,h in pixels of the upright picture.", {"pattern": _BOXES}),
}
"""They are read here: FastAPI takes a tenth of what a request costs beside its picture for five of them."""


@dataclass(frozen=True)
class Wanted:
    """How a picture's depth is answered."""

    form: Form = Form.HEAT
    model: str = ""
    """Of those that are served."""
    look: Look = field(default_factory=lambda: Look("depth"))
    size: Size = "source"
    """`source` is the picture's own, `network` that of the depth map."""
    boxes: tuple[Box, ...] = ()

    @property
    def needs_picture(self) -> bool:
        """Whether the picture itself is seen in the answer, so that it must be decoded whole."""
        return self.form in (Form.HEAT, Form.JPEG) and self.look.layout != "depth"

    @cached_property
    def key(self) -> str:
        """The same for the same answer."""
        look = self.look if self.form in (Form.HEAT, Form.JPEG) else None
        boxes = self.boxes if self.form is Form.JSON else ()
        return repr((self.form.name, self.model, look, self.size, boxes))


def parameters() -> list[dict[str, Any]]:
    """`OPTIONS` as OpenAPI has them."""
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": option.said,
            "schema": {"type": "string", "default": option.usual, **option.schema},
        }
        for name, option in OPTIONS.items()
    ]


def check_names(given: QueryParams, known: Iterable[str]) -> None:
    """Raise `UsageError` for an option that there is not, or that is there twice: it would be left out otherwise."""
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        raise UsageError(f"there is no option {unknown[:40]!r}", f"choose from {', '.join(known)}")
    twice = next((name for name in given if len(given.getlist(name)) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} is given twice", "say it once")


def read_wanted(given: Mapping[str, str]) -> Wanted:
    """What the options of a request mean; raises `UsageError`. Whether there is such a model is not looked at."""
    model, colormap, layout, size, boxes = (given.get(name, one.usual) for name, one in OPTIONS.items())
    chosen = next((one for one in SIZES if one == size), None)
    if chosen is None:
        raise UsageError(f"there is no size {size[:80]!r}", f"say one of {', '.join(SIZES)}")
    return Wanted(model=model, look=Look(layout, colormap), size=chosen, boxes=read_boxes(boxes))


@lru_cache(64)
def wanted_in(query: bytes) -> Wanted:
    """The same of the part of an address behind the question mark: a client mostly asks the same of each picture."""
    given = QueryParams(query)
    check_names(given, OPTIONS)
    return read_wanted(given)


@lru_cache(256)
def answered_as(wanted: Wanted, form: Form, model: str) -> Wanted:
    """The same in that form and by that model; mostly the very one of the request before, which knows its key."""
    return replace(wanted, form=form, model=model)


def read_boxes(text: str) -> tuple[Box, ...]:
    """`x,y,w,h;x,y,w,h`, in pixels of the picture, upright; raises `UsageError`."""
    found = []
    for part in filter(None, text.split(";")):
        match = _BOX.fullmatch(part.strip())
        box = Box(*map(int, match.groups())) if match is not None else None
        if box is None or not box.width or not box.height:
            raise UsageError(
                f"{part[:40]!r} is not a box", "write x,y,w,h in pixels, several with ; between them"
            )
        found.append(box)
    if len(found) > MOST_BOXES:
        raise UsageError(f"{len(found)} boxes are too many", f"ask for at most {MOST_BOXES} at once")
    return tuple(found)
