"""The options that `streamdepth serve` and `streamdepth worker` share; a film may be rendered by either."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Group, Parameter

from streamdepth.cli.network_options import NETWORK_WORDS
from streamdepth.cli.option_groups import obeying, one
from streamdepth.run.rules import ABOVE_ZERO

LIMITS = Group("Limits", sort_key=7)

Precision = Annotated[str, NETWORK_WORDS["precision"]]
Size = Annotated[int, Parameter.combine(NETWORK_WORDS["size"], Parameter(validator=obeying(ABOVE_ZERO)))]
MaxBytes = Annotated[
    int,
    one(
        LIMITS,
        help="Largest picture in bytes (default 20000000).",
        metavar="N",
        validator=obeying(ABOVE_ZERO),
    ),
]
MaxPixels = Annotated[
    int,
    one(
        LIMITS,
        help="Largest picture in pixels (default 50000000).",
        metavar="N",
        validator=obeying(ABOVE_ZERO),
    ),
]
