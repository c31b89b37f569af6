"""What is wanted of several inputs, as plain values."""

from typing import Literal

from streamdepth.run.rules import RULE, Rule
from streamdepth.values import dataclass, field

OnError = Literal["skip", "stop"]
DEFAULT_NAME = "{folder}/{name}"
LIST = "@"
"""What a list of inputs has in front of its name."""
_ON_ERROR = Rule("skip or stop", lambda word: word in ("skip", "stop"))


@dataclass(frozen=True)
class BatchSpec:
    """Which inputs are taken, and how their outputs are named below the folder that the run's spec names."""

    inputs: tuple[str, ...] = ()
    """Files, folders, patterns, `@list.txt`, or one input of any kind."""
    recursive: bool = False
    """Whether the folders in a folder are searched as well."""
    name: str = DEFAULT_NAME
    """The pattern of an output's path below the folder: see `streamdepth.batch.names`."""
    skip_existing: bool = False
    """Whether an input is left out whose outputs are there already."""
    on_error: OnError = field(default="skip", metadata={RULE: _ON_ERROR})
    """Whether what comes after an input that failed is rendered."""
