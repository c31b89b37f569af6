"""What viewers see of a run and may change of it: its state, its look, and the depth at a point."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from streamdepth.counted import per_second
from streamdepth.errors import UsageError
from streamdepth.frames import Rendered, SourceState
from streamdepth.http.refusal import Refused
from streamdepth.live.encoder import Content, LiveEncoder
from streamdepth.metres.learning import Measuring
from streamdepth.protocols import Inputs
from streamdepth.rendering import COLORMAPS, LAYOUTS, Look
from streamdepth.rendering.depth_at import depth_at
from streamdepth.values import dataclass
from streamdepth.viewers.boxes import depth_in_boxes
from streamdepth.zones.kept import KeptZones

FROZEN_AFTER = 2.0
"""Seconds without a new picture after which viewers are notified, if more than one is due in that time."""
PICTURES_MISSED = 3
"""Where fewer are to come: so many must have been missed."""
CHANGEABLE: Mapping[str, tuple[type, ...]] = {
    "layout": (str,),
    "colormap": (str,),
    "alpha": (int, float),
    "invert": (bool,),
    "refine": (bool,),
    "cut_beyond": (int, float, type(None)),
    "stabilise": (bool,),
    "range_locked": (bool,),
}
BESIDE_THE_LOOK = ("stabilise", "range_locked")
"""What is state of the stream, and not of how it is drawn."""


def check_kinds(wanted: Mapping[str, object], known: Mapping[str, tuple[type, ...]]) -> None:
    """Raise `Refused` for a name that is not `known`, or a value of another type than its name may have."""
    for name, value in wanted.items():
        kinds = known.get(name)
        if kinds is None:
            raise Refused(400, f"there is no {name[:40]!r} to change; there are {', '.join(known)}")
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise Refused(400, f"{name} is of the wrong kind")


class Controls(Measuring, Protocol):
    """The renderer of the stream, as far as viewers turn it."""

    look: Look
    stabilises: bool

    @property
    def range_is_locked(self) -> bool:
        """Whether the depth range is held."""

    def toggle_range_lock(self) -> bool:
        """Hold the present depth range, or let it follow the scene again; returns whether it is held."""


@dataclass(frozen=True)
class RunFacts:
    """Where the service gets the figures of the run that it shows; all may be called from any thread."""

    report: Callable[[], dict[str, Any]]
    """As `--report` writes it."""
    recent: Callable[[], tuple[float, float, int]]
    """Depth maps a second, latency in seconds, frames dropped so far."""
    most_fps: float | None = None
    """At most so many pictures a second are taken (`--max-fps`); None where there is no bound."""
    zones: KeptZones | None = None
    """What is watched of the picture; None where nothing can be."""
    promise: Callable[[], dict[str, Any]] = dict
    """How what the run promises is kept, as the report says it under `promise`; empty where it promises nothing."""
    behind: Callable[[], str] = str
    """Why the run does not keep up with its source, in a sentence; empty where it does."""

    def frozen_after(self, gap: float) -> float:
        """Seconds without a new picture that say that something is wrong where the last came so many apart."""
        least = 0.0 if self.most_fps is None else 1 / self.most_fps
        return max(FROZEN_AFTER, PICTURES_MISSED * max(gap, least))


class LiveState:
    """The one place that the page, the routes and the data channel ask."""

    def __init__(
        self,
        encoder: LiveEncoder,
        controls: Controls,
        facts: RunFacts,
        clock: Callable[[], float] = time.monotonic,
        *,
        inputs: Inputs | None = None,
    ) -> None:
        self._inputs = inputs
        self._encoder = encoder
        self._controls = controls
        self._facts = facts
        self._clock = clock
        self._last_model_ms: float | None = None

    def look(self) -> dict[str, Any]:
        """How depth is shown now, and what can be chosen."""
        return {**self._look(), "choices": {"layout": LAYOUTS, "colormap": COLORMAPS}}

    def _look(self) -> dict[str, Any]:
        look = self._controls.look
        return {
            "layout": look.layout,
            "colormap": look.colormap,
            "alpha": look.alpha,
            "invert": look.invert,
            "refine": look.refine,
            "cut_beyond": look.cut_beyond,
            "stabilise": self._controls.stabilises,
            "range_locked": self._controls.range_is_locked,
        }

    def change(self, wanted: Mapping[str, object]) -> dict[str, Any]:
        """Change some of the look for all viewers; all of it or, where a value is wrong, nothing (`Refused`)."""
        check_kinds(wanted, CHANGEABLE)
        fields: dict[str, Any] = {n: value for n, value in wanted.items() if n not in BESIDE_THE_LOOK}
        try:
            self._controls.look = replace(self._controls.look, **fields)
        except UsageError as error:
            raise Refused(400, str(error)) from error
        self._controls.stabilises = bool(wanted.get("stabilise", self._controls.stabilises))
        if wanted.get("range_locked", self._controls.range_is_locked) != self._controls.range_is_locked:
            self._controls.toggle_range_lock()
        return self.look()

    def inputs(self) -> dict[str, Any]:
        """The names of the inputs that viewers may choose from, none or more, and which is shown, by its place."""
        return {"names": self._inputs.names if self._inputs else (), **self._choice()}

    def _choice(self) -> dict[str, Any]:
        choice = self._inputs.choice if self._inputs else None
        if choice is None:
            return {"shown": 0, "coming": None, "trouble": ""}
        return {"shown": choice.shown, "coming": choice.coming, "trouble": choice.trouble}

    def choose(self, wanted: Mapping[str, object]) -> dict[str, Any]:
        """Show another input for all viewers, by its place: `{"shown": 1}`; raises `Refused`."""
        number = wanted.get("shown")
        if set(wanted) != {"shown"} or not isinstance(number, int) or isinstance(number, bool):
            raise Refused(400, 'send {"shown": NUMBER}')
        if self._inputs is None:
            raise Refused(409, "there is one input only; start streamdepth with --switch-to for more")
        try:
            self._inputs.choose(number)
        except IndexError as error:
            raise Refused(400, f"there are inputs 0 to {len(self._inputs.names) - 1}") from error
        return self.inputs()

    def condition(self) -> str:
        """`starting`, `live`, or `frozen` or `away` with what the source says of it in brackets."""
        newest, written_at = self._encoder.newest, self._encoder.written_at
        if newest is None or written_at is None:
            return "starting"
        stated = newest.condition
        if stated.state is not SourceState.LIVE:
            return f"{stated.state.value} ({stated.reason})" if stated.reason else stated.state.value
        frozen_after = self._facts.frozen_after(self._encoder.longest_gap)
        return "frozen" if self._clock() - written_at > frozen_after else "live"

    def figures(self) -> dict[str, Any]:
        """What every viewer gets once a second."""
        rate, latency, dropped = self._facts.recent()
        newest = self._encoder.newest
        return {
            "condition": self.condition(),
            "behind": self._facts.behind(),
            "rate": per_second(rate),
            "latency_ms": round(latency * 1000),
            "model_ms": self._model_ms(newest),
            "age_ms": self._age_ms(newest),
            "dropped": dropped,
            "encoders": [vars(stream) for stream in self._encoder.figures()],
            "look": self._look(),
            "input": self._choice(),
            **self._facts.promise(),
        }

    def _model_ms(self, newest: Rendered | None) -> float | None:
        """What the last inference took; a picture that shows moved depth has had none."""
        if newest is not None and newest.estimate.seconds > 0:
            self._last_model_ms = round(newest.estimate.seconds * 1000, 1)
        return self._last_model_ms

    def _age_ms(self, newest: Rendered | None) -> int | None:
        """Since the newest picture of the source: one that stands in for a source that is away is none."""
        since = self._encoder.written_at
        if newest is not None and newest.is_stand_in:
            since = newest.condition.since
        return round((self._clock() - since) * 1000) if since is not None else None

    def state(self) -> dict[str, Any]:
        """All there is to know, for the page and for programs."""
        report = self._facts.report()
        names = ("source", "model", "engine", "precision", "frames", "stages_ms", "publish")
        events = {"events": report["events"]} if "events" in report else {}
        return {
            **{name: report[name] for name in names},
            **events,
            **self.figures(),
            "look": self.look(),
        }

    def report(self) -> dict[str, Any]:
        """The figures of the run, as `--report` writes them."""
        return self._facts.report()

    def depth_at(self, x: float, y: float, content: Content = Content.PICTURE) -> dict[str, Any]:
        """Relative depth at a point of what is shown, in shares of its width and height, each 0..1."""
        newest = self._encoder.newest
        if newest is None:
            return {"depth at": [x, y], "depth": None}
        return {"depth at": [x, y], **depth_at(newest, x, y, drawn=content is Content.PICTURE)}

    def depth_in_boxes(self, wanted: Mapping[str, object]) -> dict[str, Any]:
        """Depth of boxes that a detector found in the source's picture; raises `Refused`."""
        newest = self._encoder.newest
        if newest is None:
            raise Refused(503, "there is no picture yet", Retry_After="1")
        return {"age_ms": self._age_ms(newest), **depth_in_boxes(newest, wanted)}

    @property
    def zones(self) -> KeptZones:
        """What is watched of the picture; raises `Refused` where nothing can be."""
        if self._facts.zones is None:
            raise Refused(409, "zones are not watched here")
        return self._facts.zones

    @property
    def zones_to_set(self) -> KeptZones:
        """The same, while the input is shown that they are watched of; raises `Refused`."""
        zones, inputs = self.zones, self.inputs()
        if shown := inputs["shown"]:
            names = inputs["names"]
            raise Refused(
                409, f"zones are those of {names[0]}, and {names[shown]} is shown (switch back to set them)"
            )
        return zones
