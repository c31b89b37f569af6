"""How a network wants its input: `(value - mean) / std` of red, green and blue in 0..1."""

from __future__ import annotations

from streamdepth.errors import UsageError
from streamdepth.models.registry import IMAGENET_MEAN, IMAGENET_STD
from streamdepth.values import dataclass

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Normalisation:
    """Of red, green, blue."""

    mean: Triple
    std: Triple


NAMED = {
    "imagenet": Normalisation(IMAGENET_MEAN, IMAGENET_STD),
    "half": Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "none": Normalisation((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
}
"""ImageNet's, -1..1, and 0..1."""


def read_normalisation(text: str) -> Normalisation:
    """One of `NAMED`, or six numbers: the means and then the deviations, such as `0.5,0.5,0.5,0.25,0.25,0.25`.

    Raises `UsageError` for anything else.
    """
    if text in NAMED:
        return NAMED[text]
    try:
        red, green, blue, *stds = (float(part) for part in text.split(","))
        std = (stds[0], stds[1], stds[2])
    except (ValueError, IndexError):
        raise _wrong(text) from None
    if len(stds) != 3 or min(std) <= 0:
        raise _wrong(text)
    return Normalisation((red, green, blue), std)


def _wrong(text: str) -> UsageError:
    return UsageError(
        f"'{text}' is not a normalisation",
        f"there are {', '.join(NAMED)}, or mean and deviation of red, green and blue: "
        "0.485,0.456,0.406,0.229,0.224,0.225",
    )
