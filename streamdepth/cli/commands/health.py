"""`streamdepth health`: for probes of containers, which have no curl."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from streamdepth.cli.option_groups import obeying
from streamdepth.run.rules import SECONDS

app = App(
    name="health",
    usage="Usage: streamdepth health [URL] [OPTIONS]",
    help="Ask a running service whether it is ready.",
    help_epilogue="streamdepth health http://127.0.0.1:8000 exits with 0 if the service is ready, else with 1.",
    help_format="plaintext",
)


@app.default
def health(
    url: Annotated[
        str,
        Parameter(
            help="The service (default http://127.0.0.1:8000), below a path with its slash (https://HOST/depth/); "
            "any other path is requested as it is.",
            show_default=False,
        ),
    ] = "http://127.0.0.1:8000",
    /,
    *,
    live: Annotated[
        bool,
        Parameter(
            help="Ask whether it is alive (/healthz) instead of ready (/readyz); also for the page of --webrtc.",
            negative=(),
            show_default=False,
        ),
    ] = False,
    timeout: Annotated[
        float,
        Parameter(
            help="Seconds to wait in all (default 3).",
            metavar="SECONDS",
            validator=obeying(SECONDS),
            show_default=False,
        ),
    ] = 3.0,
) -> int:
    """Ask a running service whether it is ready.

    Exits with 0 when it is, with 1 when not, and says which in one sentence.
    """
    from streamdepth.http.health import ALIVE, READY, Place, ask

    place = Place.of(url, ALIVE if live else READY)
    ask(place, timeout)
    print(f"{place} answers: it is {'alive' if live else 'ready'}")
    return 0
