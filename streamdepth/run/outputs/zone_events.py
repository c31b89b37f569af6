"""From a spec to the sink that watches zones and reports their events."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamdepth.addresses import local_path, read_address
from streamdepth.frames import SourceInfo
from streamdepth.reporting.events import Observe, Said
from streamdepth.run.spec import InputSpec, RunSpec

if TYPE_CHECKING:
    from streamdepth.sinks.events.event import Writer
    from streamdepth.sinks.events.sink import EventSink
    from streamdepth.zones.kept import KeptZones
    from streamdepth.zones.zone import Zones


def open_zone_events(
    spec: RunSpec, info: SourceInfo, observe: Observe, also: Sequence[Writer] = ()
) -> EventSink | None:
    """The sink that watches zones, for `--events`, for the page, and for the writers in `also`.

    Raises `UsageError`, `SourceError` and `SinkError`.
    """
    if not (spec.output.events or spec.serves_web or (also and spec.input.zones)):
        return None
    from streamdepth import __version__
    from streamdepth.sinks.events.open import EventOptions, open_events
    from streamdepth.zones.watch import ZoneWatch

    zones = wanted_zones(spec)
    options = EventOptions(
        camera_name(spec.input),
        None if info.live and not info.retold else film_identity(spec.input, zones),
        __version__,
        lambda line, is_trouble: observe(Said(line, is_warning=is_trouble)),
    )
    return open_events(spec.output.events, ZoneWatch(zones), options, also)


def wanted_zones(spec: RunSpec) -> Zones:
    """Those of `--zones`; a file that is not there yet gets what viewers of the page draw."""
    from streamdepth.zones.read import read_zones
    from streamdepth.zones.zone import Zones

    path = spec.input.zones
    if path is None or (spec.serves_web and not path.exists()):
        return Zones()
    return read_zones(path)


def zones_for_page(events: EventSink | None, spec: RunSpec) -> KeptZones | None:
    """The zones as viewers see and set them; what they set is kept in the file of `--zones`."""
    from streamdepth.zones.kept import KeptZones

    return None if events is None else KeptZones(events.watch, spec.input.zones)


def camera_name(wanted: InputSpec) -> str:
    """What the input is called in events: its host, its file without suffix, or its word; nothing secret is in it."""
    if wanted.called is not None:
        return wanted.called
    if wanted.camera is not None:
        return f"camera {wanted.camera}" if wanted.camera.isdecimal() else wanted.camera
    named = wanted.input or ""
    file, address = local_path(named), read_address(named)
    if file is not None:
        return file.stem or named
    return address.host if address is not None and address.host else "camera"


def film_identity(wanted: InputSpec, zones: Zones) -> str:
    """The same identity whenever a film is read with the same zones, so that repeated events are recognised."""
    from streamdepth.zones.write import toml_of

    file = local_path(wanted.input or "")
    size = file.stat().st_size if file is not None and file.is_file() else 0
    identity = f"{camera_name(wanted)} {size} {toml_of(zones)}"
    return hashlib.sha256(identity.encode()).hexdigest()[:12]
