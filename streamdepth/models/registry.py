"""The table of models: where each comes from, under which licence, and what goes into and comes out of it."""

from __future__ import annotations

from enum import Enum

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMeaning
from streamdepth.models.input_sizes import STRIDE
from streamdepth.values import dataclass

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Of red, green, blue, for values in 0..1."""

_MIDAS_RELEASE = "https://github.com/isl-org/MiDaS/releases/download/v2_1"


Sides = tuple[int | None, int | None]
"""(width, height), None for a side that is free."""


class Resampling(Enum):
    """How a picture is brought to the size of the network's input."""

    CUBIC = "cubic"
    """Bicubic over four source pixels whatever the reduction: fine lines alias when it is large."""
    AREA = "area"
    """The mean of what each target pixel covers; bilinear where the picture grows."""


@dataclass(frozen=True)
class ModelCard:
    """What is known of a model without loading it."""

    name: str
    summary: str
    licence: str
    resampling: Resampling
    urls: tuple[str, ...] = ()
    """Places of the same file, tried in this order; empty where the weights are part of the package."""
    sha256_prefix: str = ""
    """What the SHA-256 of the downloaded file begins with, in hexadecimal.

    All that is published of midas-small's is the eight digits in its file name (PyTorch Hub's convention): enough
    against damage, not against malice. That a file can do no harm is up to how it is read: tensors only.
    """
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    stride: int = STRIDE
    """Width and height of the input are multiples of this."""
    fixed_size: Sides | None = None
    """The sides of the input that the network fixes; any other is a multiple of `stride`."""
    meaning: DepthMeaning = DepthMeaning.INVERSE_RELATIVE

    @property
    def bundled(self) -> bool:
        """Whether the weights are inside the package."""
        return not self.urls


MIDAS_SMALL = ModelCard(
    name="midas-small",
    summary="MiDaS v2.1 small: 21 M parameters, the better depth",
    licence="MIT, (c) 2019 Intel ISL (Intel Intelligent Systems Lab)",
    # The release resamples so, and the network's answers are known for pictures made like this.
    resampling=Resampling.CUBIC,
    urls=(
        f"{_MIDAS_RELEASE}/model-small-70d6b9c8.pt",
        f"{_MIDAS_RELEASE}/midas_v21_small-70d6b9c8.pt",
        f"{_MIDAS_RELEASE}/midas_v21_small_256.pt",
    ),
    sha256_prefix="70d6b9c8",
)

NANO = ModelCard(
    name="nano",
    summary="streamdepth's own: 3 M parameters, part of the package, several times as fast",
    licence="MIT; its encoder began as EfficientNet-Lite0 (Apache-2.0, (c) Google)",
    resampling=Resampling.AREA,
)

_CARDS = {card.name: card for card in (MIDAS_SMALL, NANO)}


def model_names() -> tuple[str, ...]:
    """The names that `find_card` knows."""
    return tuple(_CARDS)


def find_card(name: str) -> ModelCard:
    """The card of a model; raises `UsageError` where there is none of that name."""
    try:
        return _CARDS[name]
    except KeyError as error:
        raise UsageError(
            f"there is no model '{name}'",
            f"there are auto, {', '.join(_CARDS)}, or the path of a weights file",
        ) from error
