"""What is known of a runtime without loading it, and how it opens a network: one `Backend` each.

A new runtime is a module in `runtimes/` with such a value and a line in `runtimes.registry`; nothing else knows names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.engine.runtime import Batch, FileRuntime
from streamdepth.errors import ModelError, UsageError
from streamdepth.models.export.formats import NetworkFormat
from streamdepth.models.registry import ModelCard
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.engine.int8.network import QuantisedNetwork

PRECISIONS = ("fp32", "bf16", "int8")
"""As `--precision` calls them, the most exact first."""


def any_machine() -> None:
    """What fp32 needs of the machine: nothing."""


@dataclass(frozen=True)
class Quantiser:
    """What makes int8 for a backend, in the backend's own format."""

    package: str
    """That it needs beside the backend's."""
    quantise: Callable[[Path, Sequence[Batch], Sequence[Batch]], QuantisedNetwork]
    """An ONNX file, batches to calibrate on, and others to judge by; raises `ModelError` where it cannot."""


@dataclass(frozen=True)
class Backend:
    """One runtime."""

    name: str
    """As `--engine` calls it."""
    package: str
    """That it needs, as pip and `import` call it."""
    rank: int
    """The usually fastest has the least (figures: docs/benchmarks/runtimes.md)."""
    precisions: Mapping[str, Callable[[], None]]
    """What it computes in, each with a check that raises `UsageError` where this machine does not."""
    formats: tuple[NetworkFormat, ...]
    """Of the network files that it runs; the first is its own."""
    converts_to: NetworkFormat | None
    """The format that it gets a model of ours in; None where it takes the weights as they are."""
    open: Callable[[Path, ModelCard, str, int | None], FileRuntime]
    """A file of such a format (or of weights), its card, a precision, and threads (None: as many as it thinks right).

    Raises `UsageError` where the machine does not compute in the precision, and `ModelError` for a file that it
    cannot run.
    """
    is_timed: bool = False
    """Whether `auto` measures it beside others; one that is never the fastest would only cost time."""
    is_reference: bool = False
    """Whether it does what a network says, so that others are compared with it."""
    quantiser: Quantiser | None = None
    """None where it has no int8."""

    @property
    def is_installed(self) -> bool:
        """Whether its package is here; it is not imported."""
        return find_spec(self.package) is not None

    @property
    def builds_int8(self) -> bool:
        """Whether int8 can be made for it with the packages that are here."""
        return (
            self.is_installed and self.quantiser is not None and find_spec(self.quantiser.package) is not None
        )

    def quantise(
        self, source: Path, calibration: Sequence[Batch], judging: Sequence[Batch]
    ) -> QuantisedNetwork:
        """See `Quantiser.quantise`; raises `UsageError` where it has no int8."""
        if self.quantiser is None:
            raise UsageError(f"{self.name} does not compute in int8", "use another --engine")
        return self.quantiser.quantise(source, calibration, judging)

    def computes(self, precision: str) -> bool:
        """Whether it computes in a precision on this machine; what it takes to find out may be imported."""
        try:
            self.precisions[precision]()
        except (
            UsageError,
            ModelError,
        ):  # the processor lacks it, or the package that would say so is missing
            return False
        return True
