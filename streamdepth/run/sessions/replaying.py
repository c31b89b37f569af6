"""From a spec to a session that is replayed: with its own depth or with a network's, under the settings of then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamdepth.addresses import local_path
from streamdepth.errors import SourceError, UsageError
from streamdepth.frames import Outages, Rendered, SourceInfo
from streamdepth.pipeline import RunStats
from streamdepth.pixel_limit import PixelLimit
from streamdepth.run.given import given
from streamdepth.run.spec import RunSpec
from streamdepth.sessions.lines import Began, Came, Inferred, Left, Line, Turned, Written
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.sources.replay.session import SessionSource

_DAMAGED = "replay it with the release that recorded it"


@dataclass(frozen=True)
class NetworkOfThen:
    """The network that a session's depth is of."""

    name: str
    sha256: str
    runtime_name: str
    precision: str
    size: tuple[int, int]

    def input_size(self, _width: int, _height: int) -> tuple[int, int]:
        """What it was then."""
        return self.size


def is_with_depth(spec: RunSpec) -> bool:
    """Whether the depth of the session is taken: no network is named, nor how one runs."""
    return spec.session.replay and not given(spec.network)


def is_at_speed(spec: RunSpec) -> bool:
    """Whether pictures come when they came: somebody watches."""
    return spec.is_watched or spec.stream.live


def open_session(spec: RunSpec) -> SessionSource:
    """The session that is the input of `spec`; raises `UsageError` and `SourceError`."""
    from streamdepth.sources.replay.session import ReplayOptions, SessionSource
    from streamdepth.threads.aside import run_aside

    path = session_path(spec)
    options = ReplayOptions(
        at_speed=is_at_speed(spec),
        with_depth=is_with_depth(spec),
        limit=PixelLimit.of(spec.input.max_pixels),
    )
    return run_aside("opening", lambda: SessionSource(path, options))


def session_path(spec: RunSpec) -> Path:
    """The file that is replayed; raises `UsageError` where the input is none."""
    path = None if spec.input.input is None else local_path(spec.input.input)
    if path is None or spec.takes_browser:
        raise UsageError("--replay is for a session that --record wrote", "name it: --input session.mkv")
    return path.expanduser()


def as_recorded(spec: RunSpec) -> RunSpec:
    """`spec` with the look of the session where none is named, and its network where how one runs is named.

    Raises as `open_session` does.
    """
    from streamdepth.sessions.read import about_of

    about = about_of(session_path(spec))
    settings, network = _table(about.get("settings")), _table(about.get("network"))
    picture = _filled(spec.picture, _table(settings.get("picture")))
    picture = replace(picture, interpolate=False)  # what is shown is what was worked on
    if not is_at_speed(spec) and "look_ahead" not in given(picture):
        picture = replace(picture, look_ahead=0.0)  # live, nobody could
    if is_with_depth(spec):
        return replace(spec, picture=picture)
    then = {"model": network.get("name", "auto"), **_table(settings.get("network"))}
    return replace(spec, picture=picture, network=_filled(spec.network, then))


def _filled(part: Any, recorded: Mapping[str, Any]) -> Any:
    """A part of a spec, with what was `recorded` of it in the place of what is not given."""
    usual = type(part)()
    free = {one.name for one in fields(part)} - given(part).keys()
    kept = {name: _value(recorded[name], getattr(usual, name)) for name in free & recorded.keys()}
    return replace(part, **kept)


def _value(stored: Any, usual: Any) -> Any:
    is_number = isinstance(usual, float) and isinstance(stored, int)
    if not (usual is None or is_number or isinstance(stored, type(usual))):
        raise SourceError("the session is damaged in its settings", _DAMAGED)
    return tuple(stored) if isinstance(stored, list) else stored


def _table(stored: Any) -> Mapping[str, Any]:
    if not isinstance(stored, Mapping | None):
        raise SourceError("the session is damaged in its settings", _DAMAGED)
    return stored or {}


class Replayed:
    """Replays what a session recorded of its run, with each picture that is shown: a sink, before all others."""

    def __init__(self, source: SessionSource, *, has_own_depth: bool) -> None:
        self._source = source
        self.has_own_depth = has_own_depth
        """Whether its frames bring along the depth of then."""
        self._now = 0.0
        self.stats = RunStats(lambda: self._now)
        """As they were."""
        self.outages: Outages | None = None
        self.network = _network_of(source.about)
        self._came: dict[int, float] = {}
        self._has_depth = -1
        self.stats.start()

    def write(self, rendered: Rendered) -> None:
        """Replay what was recorded up to a picture."""
        if not rendered.is_stand_in:
            self._replay_up_to(rendered.estimate.frame.index)

    def close(self, *, complete: bool = True) -> None:
        """Replay the rest, where the end was reached."""
        for line in self._source.lines_at_end():
            self._replay(line)
        self.stats.end()

    def described(self, info: SourceInfo) -> SourceInfo:
        """The source as it was: live."""
        return replace(info, live=True)

    def _replay_up_to(self, index: int) -> None:
        for line in self._source.lines_until(index):
            self._replay(line)

    def _replay(self, line: Line) -> None:
        self._now = max(self._now, line.at)
        match line:
            case Began():
                self._now = line.at
                self.stats.start()
            case Came():
                self._came[line.index] = line.at
                self.stats.captured(line.seconds)
            case Left():
                self.stats.dropped(line.cause)
            case Inferred():
                self._has_depth = line.index
                if line.is_reused:
                    self.stats.reused()
                else:
                    self.stats.inferred(line.seconds)
            case Written():
                self._written(line)
            case Turned():
                self.outages = Outages(line.reconnects, line.seconds_away)

    def _written(self, line: Written) -> None:
        if line.index > self._has_depth:
            self.stats.interpolated()
        self.stats.rendered(line.drawing)
        self.stats.written(line.writing, self._came.get(line.index, line.at))
        self._came = {index: at for index, at in self._came.items() if index > line.index}


def _network_of(about: Mapping[str, Any]) -> NetworkOfThen | None:
    stored = about.get("network")
    if stored is None:
        return None
    try:
        width, height = map(int, stored["input"])
        name, sha256, engine, precision = (
            str(stored[key]) for key in ("name", "sha256", "engine", "precision")
        )
        return NetworkOfThen(name, sha256, engine, precision, (width, height))
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError("the session is damaged where it names its network", _DAMAGED) from error
