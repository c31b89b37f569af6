"""Where viewers of a run come in, as plain values."""

from pathlib import Path

from streamdepth.values import dataclass


@dataclass(frozen=True)
class WebSpec:
    """Where viewers come in."""

    host: str = "127.0.0.1"
    """The address to listen at."""
    port: int = 8080
    """The port to listen at; 0 takes any that is free."""
    root_path: str = ""
    """The path of its host below which a proxy asks the page, as `/depth`, if it does not take it away."""
    token: str | None = None
    """The token that gives access; required beyond this machine."""
    max_viewers: int = 16
    """The most viewers at once."""
    ice_server: tuple[str, ...] = ()
    """STUN and TURN servers for viewers elsewhere, and for WHIP."""
    open: bool = False
    """Whether the page is opened in the browser of this desktop as well."""
    cert: Path | None = None
    """The certificate (.pem) for https, with its `key`."""
    key: Path | None = None
    """The key (.pem) of the certificate."""
