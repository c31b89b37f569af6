"""The cameras of a group for the clients of its web service: what they see, and what they may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import isfinite
from typing import Any, Protocol

from streamdepth.addresses import LIVE_SCHEMES, mistake_in_address, redact, redact_address, scheme_of
from streamdepth.cameras.camera import Camera, Phase
from streamdepth.cameras.plan import camera_of
from streamdepth.cameras.spec import CameraSpec
from streamdepth.errors import SinkError, UsageError
from streamdepth.http.refusal import Refused
from streamdepth.run.pictures import look_of
from streamdepth.run.spec import RunSpec
from streamdepth.viewers.cameras import Listed
from streamdepth.viewers.state import check_kinds

LONGEST = 2000
_WANTED: Mapping[str, tuple[type, ...]] = {
    "input": (str,),
    "layout": (str,),
    "colormap": (str,),
    "alpha": (int, float),
    "invert": (bool,),
    "refine": (bool,),
    "stabilise": (bool,),
    "cut_beyond": (int, float),
    "max_fps": (int, float),
}
RETRY_SOON = "1"


class IsEnding(UsageError):
    """Nothing is wrong with a camera, but that the run takes none any more."""


class Changeable(Protocol):
    """The group, as far as clients see it."""

    @property
    def cameras(self) -> Sequence[Camera]:
        """Those of now."""

    def add(self, camera: CameraSpec) -> None:
        """Begin one more; raises `IsEnding`, `UsageError` and `SinkError`."""

    def remove(self, name: str) -> None:
        """Have one end."""


class CamerasOfClients:
    """As `viewers.cameras.Cameras`."""

    are_several = True

    def __init__(self, group: Changeable, common: RunSpec, *, may_change: bool) -> None:
        self.may_change = may_change
        self._group = group
        self._common = common

    def listed(self) -> Sequence[Listed]:
        """All, also those that are not up, or over."""
        return [
            Listed(camera.name, _source(camera.spec), _condition(camera)) for camera in self._group.cameras
        ]

    def put(self, name: str, wanted: Mapping[str, object]) -> bool:
        """Add a camera, also in the place of one that is over; False where it is there just so. Raises `Refused`."""
        spec = self._refusing(lambda: self._spec(name, wanted))
        present = self._find(name)
        if present is not None and present.is_leaving:
            raise Refused(409, f"{name} is ending: ask again soon", Retry_After=RETRY_SOON)
        if present is not None and not present.is_over:
            run = spec.run
            if replace(present.spec.run, output=run.output, session=run.session) != run:
                raise Refused(409, f"there is another camera called {name}: remove it first (DELETE)")
            return False
        self._refusing(lambda: self._group.add(spec))
        return True

    def delete(self, name: str) -> None:
        """Have a camera end, with its files closed; raises `Refused`."""
        if self._find(name) is None:
            raise Refused(404, "there is no camera of this name")
        self._group.remove(name)

    def _find(self, name: str) -> Camera | None:
        return next((camera for camera in self._group.cameras if camera.name == name), None)

    def _refusing(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except IsEnding as error:
            raise Refused(503, str(error), Retry_After=RETRY_SOON) from error
        except (UsageError, SinkError) as error:
            raise Refused(400, redact(str(error))) from error

    def _spec(self, name: str, wanted: Mapping[str, object]) -> CameraSpec:
        check_kinds(wanted, _WANTED)
        common = self._common
        fields: dict[str, Any] = {
            key: value for key, value in wanted.items() if key not in ("input", "max_fps")
        }
        rate = _rate(wanted["max_fps"]) if "max_fps" in wanted else common.amount.max_fps
        run = replace(
            common,
            input=replace(common.input, input=_live_address(wanted.get("input")), camera=None),
            picture=replace(common.picture, **fields),
            amount=replace(common.amount, max_fps=rate),
        )
        look_of(run)
        return camera_of(name, run, len(self._group.cameras) + 1)


def _rate(given: Any) -> Fraction:
    if not (isfinite(given) and given > 0):
        raise Refused(400, "max_fps is a number above 0")
    return Fraction(str(given))


def _live_address(text: object) -> str:
    """An address that a client may have opened; raises `Refused`."""
    if not isinstance(text, str) or len(text) > LONGEST:
        raise Refused(400, 'send {"input": "rtsp://HOST/PATH"}')
    if scheme_of(text) not in LIVE_SCHEMES:
        raise Refused(400, f"only live addresses are opened for clients: {', '.join(sorted(LIVE_SCHEMES))}")
    if (mistake := mistake_in_address(text)) is not None:
        raise Refused(400, f"{mistake.what} ({mistake.cure})")
    return text


def _source(spec: CameraSpec) -> str:
    wanted = spec.run.input
    return redact_address(wanted.input) if wanted.input is not None else f"camera {wanted.camera}"


def _condition(camera: Camera) -> str:
    """Of one that runs its stream says more."""
    if camera.is_over:
        return f"failed ({redact(camera.reason)})" if camera.phase is Phase.FAILED else "ended"
    if camera.is_leaving:
        return "ending"
    return f"starting ({redact(camera.news)})" if camera.phase is Phase.STARTING and camera.news else ""
