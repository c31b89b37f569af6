"""What the depth service is started with, and what must be right about it before it listens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from streamdepth.delivery.webhook import Webhook
from streamdepth.errors import UsageError
from streamdepth.http.below import read_root_path
from streamdepth.http.listening import check_host, check_port, is_loopback
from streamdepth.http.token_file import TokenFile
from streamdepth.http.tokens import Tokens
from streamdepth.server.redis_address import is_redis, read_redis
from streamdepth.values import dataclass, field
from streamdepth.viewers.settings import WebSettings

WAITING_A_LANE = 8
CACHES = ("memory", "none")
"""Beside the address of a Redis."""


@dataclass(frozen=True)
class Limits:
    """What a client may ask for at once."""

    picture_bytes: int = 20_000_000
    pictures: int = 16
    """In one request."""
    pixels: int = 50_000_000
    """Of a picture, by its head."""
    bytes_at_once: int = 128_000_000
    """Of all uploads that are held in memory."""
    answer_seconds: float = 30.0
    """From the end of an upload to the answer."""
    waiting: int | None = None
    """Pictures that wait for a lane; None is eight a lane, and one for two lanes while more are refused than taken."""

    per_second: float | None = None
    """Pictures and films a second that one token, or address without one, may send."""

    def line(self, lanes: int) -> int:
        """How many pictures may wait before so many lanes: as long a wait on a machine of any size."""
        return WAITING_A_LANE * lanes if self.waiting is None else self.waiting

    @property
    def shortens(self) -> bool:
        """Whether fewer may wait while more are refused than taken: unless somebody said how many may."""
        return self.waiting is None


@dataclass(frozen=True)
class CacheSettings:
    """Where answers are kept."""

    place: str = "memory"
    """`memory`, `none`, or the address of a Redis (`read_redis`)."""
    megabytes: int = 64
    """In memory."""
    seconds: float = 3600.0
    """To live."""


@dataclass(frozen=True)
class JobLimits:
    """What of films is taken, and for how long it is kept."""

    film_bytes: int = 4_000_000_000
    film_seconds: float = 14_400.0
    """That a film may last."""
    waiting: int = 100
    """Jobs that wait to be done."""
    waiting_of_one: int = 20
    """The same, of one token, or address without one."""
    spare_bytes: int = 1_000_000_000
    """That stay free on the disk."""
    kept_seconds: float = 86_400.0
    """After a job has ended."""


@dataclass(frozen=True)
class LiveSettings:
    """What clients may send live."""

    cameras: int | None = None
    """At once; 0 takes none, None is one for two lanes."""
    web: WebSettings = field(default_factory=WebSettings)
    """How many may watch, and how clients elsewhere are reached; whom it lets in is the service's to say."""


@dataclass(frozen=True)
class ServeSettings:
    """Where the service listens, whom it lets in, and how much it does at once.

    Raises `UsageError` where others could ask without a token, or where a value is out of range.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    """0 takes any that is free."""
    listens_when_ready: bool = False
    """Whether connections are refused while the network is loaded, so that a proxy asks another process."""
    root_path: str = ""
    """The path of its host below which a proxy asks it, as `/depth`; a proxy that takes it away needs none."""
    tokens: Tokens | TokenFile = field(default_factory=Tokens)
    insecure: bool = False
    """Whether others may ask without a token."""
    pages: tuple[str, ...] = ()
    """Origins of web pages of others that may ask and read answers."""
    limits: Limits = Limits()
    cache: CacheSettings = CacheSettings()
    jobs: Path | None = None
    """The folder of jobs; None takes none."""
    jobs_store: str = ""
    """`redis://...` for records that several services and workers share; empty keeps them in the folder."""
    job_limits: JobLimits = JobLimits()
    traces: str = ""
    """The OpenTelemetry collector to which traces go, as `http://HOST:4318`; empty is none."""
    live: LiveSettings = field(default_factory=LiveSettings)
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    """Webhooks that may be notified of the end of a job, by the names that clients give."""

    def __post_init__(self) -> None:
        check_host(self.host)
        if not self.tokens and not self.insecure and not is_loopback(self.host):
            raise UsageError(
                f"on {self.host} anybody in the network could use it",
                "add --tokens FILE, leave --host out, or add --insecure if that is intended",
            )
        check_port(self.port)
        read_root_path(self.root_path)
        if self.cache.place not in CACHES:
            if not is_redis(self.cache.place):
                raise UsageError("there is no such cache", "say --cache memory, none, or redis://HOST:PORT")
            read_redis(self.cache.place)
        if self.jobs_store and self.jobs is None:
            raise UsageError("--jobs-store only keeps records", "add --jobs FOLDER for the films")
        if self.webhooks and self.jobs is None:
            raise UsageError("--webhooks report the end of jobs, and none are accepted", "add --jobs FOLDER")
        for page in self.pages:
            parts = urlsplit(page)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
                raise UsageError(f"{page} is not an origin of a page", "say it as https://app.example")

    @property
    def is_public(self) -> bool:
        """Whether anybody in the network may ask."""
        return self.insecure and not self.tokens and not is_loopback(self.host)
