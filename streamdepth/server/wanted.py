"""What is wanted of a picture's depth: the options of a request, as one value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from streamdepth.errors import UsageError
from streamdepth.rendering.look import Look
from streamdepth.server.negotiation import Form
from streamdepth.zones.figures import Box

Size = Literal["source", "network"]
MOST_BOXES = 256
BOXES_PATTERN = r"^(\d{1,6},\d{1,6},[1-9]\d{0,5},[1-9]\d{0,5};?)*$"
"""What `read_boxes` takes, for the contract."""
_BOX = re.compile(r"(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})")


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

    @property
    def key(self) -> str:
        """The same for the same answer."""
        look = self.look if self.form in (Form.HEAT, Form.JPEG) else None
        boxes = self.boxes if self.form is Form.JSON else ()
        return repr((self.form.name, self.model, look, self.size, boxes))


def read_boxes(text: str) -> tuple[Box, ...]:
    """`x,y,w,h;x,y,w,h`, in pixels of the picture, upright; raises `UsageError`."""
    found = []
    for part in filter(None, text.split(";")):
        match = _BOX.fullmatch(part.strip())
        box = Box(*map(int, match.groups())) if match is not None else None
        if box is None or not box.width or not box.height:
            raise UsageError(
                f"{part[:40]!r} is no box", "write x,y,w,h in pixels, several with ; between them"
            )
        found.append(box)
    if len(found) > MOST_BOXES:
        raise UsageError(f"{len(found)} boxes are too many", f"ask for at most {MOST_BOXES} at once")
    return tuple(found)
