"""From a spec to the recording of a session: what it says of the run, without secrets, and what feeds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple, fields
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamdepth.addresses import redact, redact_address, redact_path
from streamdepth.errors import UsageError
from streamdepth.frames import SourceInfo
from streamdepth.protocols import Source
from streamdepth.reporting.events import Event, Observe, OutputRenamed, Said
from streamdepth.reporting.report import EngineFacts
from streamdepth.run.given import given
from streamdepth.run.spec import RunSpec

if TYPE_CHECKING:
    from streamdepth.sessions.recorder import Recorder
    from streamdepth.sinks.events.event import Event as ZoneEvent

SECRET = "***"
_SHOWN: Mapping[str, Callable[[Any], Any]] = {
    "token": lambda _token: SECRET,
    "events": lambda places: [redact_path(place) for place in places],
}
"""Fields of a spec that are shown otherwise than other addresses and words."""
_MOST_SAID = 1000
"""Events that are kept until the recording begins."""


class Recording:
    """The session of one run, from its beginning; `observe` replaces that of the run, and passes all on to it."""

    def __init__(self, spec: RunSpec, path: Path, observe: Observe) -> None:
        self._spec, self._path, self._passed_on_to = spec, path, observe
        self._recorder: Recorder | None = None
        self._early: list[Said] = []

    def observe(self, event: Event) -> None:
        """Hand an event on, and keep what was said."""
        self._passed_on_to(event)
        if not isinstance(event, Said):
            return
        if self._recorder is not None:
            self._recorder.said(event.line, is_warning=event.is_warning)
        elif len(self._early) < _MOST_SAID:
            self._early.append(event)

    def open(
        self,
        source: Source,
        engine: Callable[[], EngineFacts | None],
        report: Callable[[], Mapping[str, Any]],
    ) -> Recorder:
        """Begin it; raises `UsageError` for an input that waits, `SinkError` where nothing can be written."""
        from streamdepth.sessions.recorder import Recorder

        info = source.info
        if not info.live or info.retold:
            raise UsageError(
                "--record is for live inputs, and this input waits for the network",
                "leave it out, or add --live to play it like a camera",
            )
        began = datetime.now(UTC).isoformat(timespec="milliseconds")
        recorder = Recorder(
            self._path,
            lambda: about_of(self._spec, source.info, engine(), began),
            notify=lambda line: self._passed_on_to(Said(line, is_warning=True)),
            report=lambda: without_secrets(report()),
            largest=self._spec.network.size if self._spec.promise.is_made else 0,
        )
        if recorder.path.name != self._path.name:
            self._passed_on_to(OutputRenamed(self._path, recorder.path))
        recorder.watch(source)
        self._recorder = recorder
        for said in self._early:
            recorder.said(said.line, is_warning=said.is_warning)
        return recorder


class EventsOfSession:
    """A writer of zone events that keeps them in the session."""

    failure: BaseException | None = None
    """The recorder reports its own."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def put(self, event: ZoneEvent) -> None:
        """Keep one."""
        self._recorder.happened(event.table)

    def end(self) -> None:
        """The recorder ends later."""

    def close(self, *, complete: bool) -> None:
        """The recorder is closed as a sink."""

    def figures(self) -> dict[str, Any]:
        """Where they go."""
        return {"to": "session"}


def about_of(spec: RunSpec, info: SourceInfo, engine: EngineFacts | None, began: str) -> dict[str, Any]:
    """What a session says of itself before its first picture, as JSON."""
    from streamdepth import __version__

    return {
        "streamdepth": __version__,
        "began": began,
        "source": source_to_json(info),
        "network": None if engine is None else _network(info, engine),
        "settings": settings_of(spec),
    }


def source_to_json(info: SourceInfo) -> dict[str, Any]:
    """What the input was."""
    return {
        "kind": info.kind,
        "width": info.width,
        "height": info.height,
        "rate": None if info.rate is None else str(info.rate),
        "sample_aspect": str(info.sample_aspect),
        "colours": None if info.colours is None else list(astuple(info.colours)),
    }


def settings_of(spec: RunSpec) -> dict[str, dict[str, Any]]:
    """Each setting that is not as usual, by the part of the spec that it is in; secrets are blanked out."""
    parts = {part.name: given(getattr(spec, part.name)) for part in fields(RunSpec)}
    return {
        part: {name: _SHOWN.get(name, without_secrets)(value) for name, value in values.items()}
        for part, values in parts.items()
        if values
    }


def without_secrets(value: Any) -> Any:
    """A value as JSON has it, with the logins of addresses and what looks like a key blanked out."""
    match value:
        case Mapping():
            return {str(name): without_secrets(inner) for name, inner in value.items()}
        case tuple() | list():
            return [without_secrets(inner) for inner in value]
        case str():
            return redact(redact_address(value))
        case Path() | Fraction():
            return without_secrets(str(value))
        case Enum():
            return value.value
        case _:
            return value


def _network(info: SourceInfo, engine: EngineFacts) -> dict[str, Any]:
    return {
        "name": engine.name,
        "sha256": engine.sha256,
        "engine": engine.runtime_name,
        "precision": engine.precision,
        "input": list(engine.input_size(info.width, info.height)),
    }
