"""`streamdepth serve`: pictures in, depth out, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Group, Parameter

from streamdepth.cli.config_file import warn_of_secrets
from streamdepth.cli.observer import ConsoleObserver
from streamdepth.cli.option_groups import NETWORK, ROOT_PATH, obeying, one
from streamdepth.cli.options import CommonOptions, LogOptions
from streamdepth.cli.service_options import LIMITS, MaxBytes, MaxPixels, Precision, Size
from streamdepth.cli.signals import handled_signals
from streamdepth.counted import counted
from streamdepth.engine.runtimes.registry import FOR_ANY_SHAPE, openvino_has_bf16
from streamdepth.machine import this_processor
from streamdepth.models.input_sizes import USUAL_SIZE
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.logs import log_info, set_up_logs, warn
from streamdepth.run.rules import ABOVE_ZERO, SECONDS, ZERO_OR_ABOVE
from streamdepth.server.settings import CacheSettings, JobLimits, Limits, LiveSettings, ServeSettings
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.server.models import Loaded

app = App(
    name="serve",
    help_epilogue="streamdepth serve, and then: curl -F image=@photo.jpg http://127.0.0.1:8000/v1/depth -o heat.png",
    help_format="plaintext",
)
SERVICE = Group("Service", sort_key=1)
LIVE = Group("Live", sort_key=6)
FASTER = (
    "where pictures have up to four shapes, --engine openvino is faster here (bf16), and takes more memory"
)
_LIMITS, _CACHE, _JOBS = Limits(), CacheSettings(), JobLimits()


@Parameter(name="*")
@dataclass(frozen=True)
class ServeOptions:
    """Where it listens, who has access, the network, and the limits."""

    host: Annotated[
        str,
        one(SERVICE, help="Address to listen on (default 127.0.0.1: this machine only).", metavar="ADDRESS"),
    ] = "127.0.0.1"
    port: Annotated[int, one(SERVICE, help="Port to listen on (default 8000; 0: any free port).")] = 8000
    listen_when_ready: Annotated[
        bool,
        one(
            SERVICE,
            help="Refuse connections until pictures are answered, for a proxy that then asks another process "
            "(default: answer 503 until then).",
        ),
    ] = False
    root_path: Annotated[str, one(SERVICE, metavar="PATH", help=ROOT_PATH)] = ""
    tokens: Annotated[
        Path | None,
        one(SERVICE, help="Admit only those who have a token from this file, one per line.", metavar="FILE"),
    ] = None
    insecure: Annotated[bool, one(SERVICE, help="Listen beyond this machine without a token.")] = False
    allow_origin: Annotated[
        tuple[str, ...],
        one(
            SERVICE,
            help="Origin of a web page that may send requests, as https://app.example; repeatable (default: none).",
            metavar="ORIGIN",
        ),
    ] = ()
    jobs: Annotated[
        Path | None,
        one(
            SERVICE,
            help="Accept films from clients and render them in this folder (default: none are accepted).",
            metavar="FOLDER",
        ),
    ] = None
    jobs_store: Annotated[
        str,
        one(
            SERVICE,
            help="Leave rendering to streamdepth worker; both keep job records in this Redis, "
            "redis://[USER:PASSWORD@]HOST[:PORT][/N], or rediss:// for TLS.",
            metavar="ADDRESS",
        ),
    ] = ""
    webhooks: Annotated[
        Path | None,
        one(
            SERVICE,
            help="Whom to notify when a film is done: NAME https://SECRET@HOST/PATH, one per line; clients choose "
            "by the name.",
            metavar="FILE",
        ),
    ] = None
    traces: Annotated[
        str,
        one(
            SERVICE,
            help="Send a trace of each request to this OpenTelemetry collector, as in http://HOST:4318 (default: "
            "none).",
            metavar="ADDRESS",
        ),
    ] = ""
    cache: Annotated[
        str,
        one(
            SERVICE,
            help="Where answers are kept: memory (default), none, or redis://[USER:PASSWORD@]HOST[:PORT][/N] "
            "(rediss:// for TLS).",
            metavar="WHERE",
        ),
    ] = _CACHE.place
    cache_size: Annotated[
        int,
        one(
            SERVICE,
            help="Megabytes of answers in memory (default 64).",
            metavar="MB",
            validator=obeying(ABOVE_ZERO),
        ),
    ] = _CACHE.megabytes
    cache_time: Annotated[
        float,
        one(
            SERVICE,
            help="Seconds that an answer is kept (default 3600).",
            metavar="SECONDS",
            validator=obeying(SECONDS),
        ),
    ] = _CACHE.seconds
    model: Annotated[
        tuple[str, ...],
        one(
            NETWORK,
            help="auto (default), midas-small, nano, or a file; repeatable, the first is the default of requests.",
        ),
    ] = ("auto",)
    engine: Annotated[
        str | None,
        one(
            NETWORK,
            help="onnxruntime (default: equally fast for any shape), openvino (faster on processors with bf16 where "
            "pictures have up to four shapes), or auto.",
        ),
    ] = None
    precision: Precision = "auto"
    size: Size = USUAL_SIZE
    lanes: Annotated[
        int | None,
        one(
            NETWORK,
            help="Pictures processed at a time, each by one thread (default: one per core).",
            validator=obeying(ABOVE_ZERO),
        ),
    ] = None
    live: Annotated[
        int | None,
        one(
            LIVE,
            help="Live cameras accepted at once by the page /live; 0 turns it off (default: one for every two "
            "lanes).",
            metavar="N",
            validator=obeying(ZERO_OR_ABOVE),
        ),
    ] = None
    max_viewers: Annotated[
        int,
        one(LIVE, help="At most this many viewers of live cameras at once (default 16)."),
    ] = 16
    ice_server: Annotated[
        tuple[str, ...],
        one(
            LIVE,
            help="stun:HOST:PORT or turn:USER:SECRET@HOST:PORT for cameras and viewers elsewhere (default: none); "
            "repeatable.",
            metavar="URL",
        ),
    ] = ()
    queue: Annotated[
        int | None,
        one(
            LIMITS,
            help="Pictures that may wait; more are answered 429 at once (default: 8 per lane, or 1 for every two "
            "lanes while more are refused than accepted).",
            validator=obeying(ABOVE_ZERO),
        ),
    ] = None
    rate: Annotated[
        float | None,
        one(
            LIMITS,
            help="Pictures and films per second that one token may send (default: as many as there is room for).",
            metavar="N",
            validator=obeying(ABOVE_ZERO),
        ),
    ] = None
    max_bytes: MaxBytes = _LIMITS.picture_bytes
    max_pixels: MaxPixels = _LIMITS.pixels
    job_seconds: Annotated[
        float,
        one(
            LIMITS,
            help="Longest film of a job (default 14400).",
            metavar="SECONDS",
            validator=obeying(ABOVE_ZERO),
        ),
    ] = _JOBS.film_seconds
    token_jobs: Annotated[
        int,
        one(
            LIMITS,
            help="Jobs that one token may have waiting; more are answered 429 (default 20).",
            metavar="N",
            validator=obeying(ABOVE_ZERO),
        ),
    ] = _JOBS.waiting_of_one
    timeout: Annotated[
        float,
        one(
            LIMITS,
            help="Seconds within which a request is answered (default 30).",
            metavar="SECONDS",
            validator=obeying(SECONDS),
        ),
    ] = _LIMITS.answer_seconds


_DEFAULT = ServeOptions()


@app.default
def serve(
    *,
    options: Annotated[ServeOptions, Parameter(name="*")] = _DEFAULT,
    common: Annotated[CommonOptions, Parameter(name="*")] = CommonOptions(),
    log: Annotated[LogOptions, Parameter(name="*")] = LogOptions(),
) -> int:
    """Serve depth over HTTP: a picture in, its depth out."""
    from streamdepth.server.service import Service

    set_up_logs(log.log_format, log.log_level)
    console = ErrorConsole()
    warn_of_secrets(common.config, console)
    settings = settings_of(options)
    service = Service(settings, lambda: _loaded(options, common, log))
    when = "once the network is loaded" if settings.listens_when_ready else "(the network is being loaded)"
    log_info(console, f"listening on {service.address} {when}")
    if settings.is_public:
        warn(
            console,
            f"anybody who reaches {settings.host} has access: --insecure requires no token",
        )

    def on_ready(loaded: Loaded) -> None:
        names = ", ".join(f"{one.name} ({one.runtime}, {one.precision})" for one in loaded.models)
        log_info(console, f"ready: {names}, {counted(len(loaded.lanes), 'picture')} at a time")
        is_free = options.engine is None and options.precision == "auto"
        if is_free and openvino_has_bf16(this_processor()):
            log_info(console, FASTER)

    bound = 2 * options.timeout + 30
    with handled_signals(service, lambda: None, bound, leaves_parts=options.jobs is not None) as received:
        service.run(on_ready)
    return 128 + received[0] if received else 0


def settings_of(options: ServeOptions) -> ServeSettings:
    """What the service is started with; raises `UsageError` and `SinkError`."""
    from streamdepth.http.token_file import TokenFile
    from streamdepth.http.tokens import Tokens
    from streamdepth.server.jobs.notices import read_webhooks
    from streamdepth.viewers.settings import WebSettings
    from streamdepth.webrtc.ice_server import IceServer

    return ServeSettings(
        options.host,
        options.port,
        options.listen_when_ready,
        options.root_path,
        TokenFile(options.tokens) if options.tokens is not None else Tokens(),
        options.insecure,
        tuple(options.allow_origin),
        Limits(
            picture_bytes=options.max_bytes,
            pixels=options.max_pixels,
            answer_seconds=options.timeout,
            waiting=options.queue,
            per_second=options.rate,
        ),
        CacheSettings(options.cache, options.cache_size, options.cache_time),
        options.jobs,
        options.jobs_store,
        JobLimits(film_seconds=options.job_seconds, waiting_of_one=options.token_jobs),
        traces=options.traces,
        live=LiveSettings(
            options.live,
            WebSettings(
                max_viewers=options.max_viewers,
                ice_servers=tuple(map(IceServer.parse, options.ice_server)),
            ),
        ),
        webhooks=read_webhooks(options.webhooks) if options.webhooks is not None else {},
    )


def _loaded(options: ServeOptions, common: CommonOptions, log: LogOptions) -> Loaded:
    from streamdepth.engine import EngineOptions, load_engine
    from streamdepth.run.network.loading import word_of_loading
    from streamdepth.server.models import load

    observe = ConsoleObserver(ErrorConsole(), log.log_format)
    wanted = EngineOptions(
        runtime=options.engine or FOR_ANY_SHAPE.name,
        precision=options.precision,
        size=options.size,
        cache_dir=common.cache_dir,
    )
    with word_of_loading(observe) as word:
        return load(
            wanted, options.model, options.lanes, lambda one: load_engine(one, word.progress, word.notify)
        )
