"""What every way to run is given by the command line, and the report that each writes at its end."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from streamdepth.batch.spec import BatchSpec
from streamdepth.cameras.spec import CameraOptions
from streamdepth.cli.options import CommonOptions, LogOptions
from streamdepth.errors import StreamdepthError
from streamdepth.run.spec import RunSpec
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.reporting.systemd import ServiceManager
    from streamdepth.run.surroundings import Surroundings


@dataclass(frozen=True)
class RunWords:
    """What was typed beside the spec."""

    common: CommonOptions
    log: LogOptions
    environ: MutableMapping[str, str]

    def surroundings(self, manager: ServiceManager) -> Surroundings:
        """What is around the run."""
        from streamdepth.run.surroundings import Surroundings

        return Surroundings(self.environ, self.common.cache_dir, self.common.config, manager.beat_every)


@dataclass(frozen=True)
class Wanted:
    """What was asked for: one run, several one after the other, or cameras."""

    spec: RunSpec
    batch: BatchSpec
    cameras: CameraOptions


class Reports(Protocol):
    """A run, as far as its report goes."""

    def write_report(self) -> None:
        """Write it where it was asked for."""


@contextmanager
def reported(run: Reports) -> Iterator[None]:
    """Write the report however the run ends; a failure to write it does not hide the run's own."""
    try:
        yield
    except BaseException:
        with suppress(StreamdepthError):
            run.write_report()
        raise
    run.write_report()
