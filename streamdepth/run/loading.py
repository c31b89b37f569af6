"""From the words of the command line to a loaded engine, with a bar for a download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamdepth.cli.options import NetworkOptions, RunOptions
from streamdepth.reporting.logs import tell

if TYPE_CHECKING:
    from rich.console import Console

    from streamdepth.engine import Engine


def load_named_engine(network: NetworkOptions, run: RunOptions, console: Console) -> Engine:
    """The engine that was asked for; raises as `load_engine` does."""
    from streamdepth.engine import load_engine
    from streamdepth.reporting.progress import download_bar

    with download_bar(console) as progress:
        return load_engine(
            network.model,
            runtime=network.engine,
            precision=network.precision,
            size=network.size,
            threads=network.threads,
            cache_dir=run.cache_dir,
            progress=progress,
            notify=lambda line: tell(console, line),
            normalisation=network.normalisation,
        )
