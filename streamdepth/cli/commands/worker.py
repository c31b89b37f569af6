"""`streamdepth worker`: does the jobs that `streamdepth serve` takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Group, Parameter

from streamdepth.cli.config_file import warn_of_secrets
from streamdepth.cli.observer import ConsoleObserver
from streamdepth.cli.option_groups import NETWORK, obeying, one
from streamdepth.cli.options import CommonOptions, LogOptions
from streamdepth.cli.service_options import MaxBytes, MaxPixels, Precision, Size
from streamdepth.cli.signals import handled_signals
from streamdepth.models.input_sizes import USUAL_SIZE
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.logs import log_info, set_up_logs
from streamdepth.run.rules import ABOVE_ZERO
from streamdepth.server.settings import Limits
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.run.network.engines import RunEngine

app = App(
    name="worker",
    help_epilogue="streamdepth worker --jobs /srv/jobs --jobs-store redis://redis:6379, both as of streamdepth serve",
    help_format="plaintext",
)
WORK = Group("Work", sort_key=1)
_LIMITS = Limits()


@Parameter(name="*")
@dataclass(frozen=True)
class WorkerOptions:
    """What it works on, and with which network."""

    jobs: Annotated[
        Path, one(WORK, help="The folder of the service's --jobs, as this machine sees it.", metavar="FOLDER")
    ]
    jobs_store: Annotated[
        str,
        one(
            WORK,
            help="The Redis of the service's --jobs-store: redis://[USER:PASSWORD@]HOST[:PORT][/N], or rediss:// for "
            "TLS.",
            metavar="ADDRESS",
        ),
    ]
    model: Annotated[str, one(NETWORK, help="auto (default), midas-small, nano, or a file.")] = "auto"
    engine: Annotated[
        str, one(NETWORK, help="auto (default), openvino, onnxruntime, torchscript or torch.")
    ] = "auto"
    precision: Precision = "auto"
    size: Size = USUAL_SIZE
    max_bytes: MaxBytes = _LIMITS.picture_bytes
    max_pixels: MaxPixels = _LIMITS.pixels
    threads: Annotated[
        int | None, one(NETWORK, help="Cores to work with (default: all).", validator=obeying(ABOVE_ZERO))
    ] = None


@app.default
def worker(
    *,
    options: Annotated[WorkerOptions, Parameter(name="*")],
    common: Annotated[CommonOptions, Parameter(name="*")] = CommonOptions(),
    log: Annotated[LogOptions, Parameter(name="*")] = LogOptions(),
) -> int:
    """Render the films that services accept, on the same machine or on others."""
    from streamdepth.run.network.loading import load_network
    from streamdepth.run.spec import NetworkSpec
    from streamdepth.server.worker import PATIENCE, JobWorker

    set_up_logs(log.log_format, log.log_level)
    console = ErrorConsole()
    warn_of_secrets(common.config, console)
    network = NetworkSpec(
        options.model,
        options.engine,
        options.precision,
        size=options.size,
        threads=options.threads,
        side_by_side=True,
    )
    observe = ConsoleObserver(console, log.log_format)
    service = JobWorker(
        options.jobs,
        options.jobs_store,
        lambda: load_network(network, common.cache_dir, observe),
        limits=Limits(picture_bytes=options.max_bytes, pixels=options.max_pixels),
    )

    def on_ready(engine: RunEngine) -> None:
        log_info(
            console, f"ready: {engine.name} ({engine.runtime_name}, {engine.precision}), waiting for jobs"
        )

    with handled_signals(service, lambda: None, PATIENCE + 10, leaves_parts=True) as received:
        service.run(on_ready)
    return 128 + received[0] if received else 0
