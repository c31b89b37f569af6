"""From a spec to the sink that watches zones and tells of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from streamdepth.addresses import local_path, read_address
from streamdepth.frames import SourceInfo
from streamdepth.reporting.events import Observe, Said
from streamdepth.run.spec import InputSpec, RunSpec

if TYPE_CHECKING:
    from streamdepth.sinks.events.sink import EventSink
    from streamdepth.zones.zone import Zones


def open_zone_events(spec: RunSpec, info: SourceInfo, observe: Observe) -> EventSink | None:
    """The sink of `--events`, if it is asked for; raises `UsageError`, `SourceError`, `SinkError`."""
    if not spec.output.events or spec.input.zones is None:
        return None
    from streamdepth import __version__
    from streamdepth.sinks.events.open import EventOptions, open_events
    from streamdepth.zones.read import read_zones
    from streamdepth.zones.watch import ZoneWatch

    zones = read_zones(spec.input.zones)
    options = EventOptions(
        camera_name(spec.input),
        None if info.live else film_identity(spec.input, zones),
        __version__,
        lambda line, is_trouble: observe(Said(line, is_warning=is_trouble)),
    )
    return open_events(spec.output.events, ZoneWatch(zones), options)


def camera_name(wanted: InputSpec) -> str:
    """What the input is called in events: its host, its file without suffix, or its word; nothing secret is in it."""
    if wanted.camera is not None:
        return f"camera {wanted.camera}" if wanted.camera.isdecimal() else wanted.camera
    named = wanted.input or ""
    file, address = local_path(named), read_address(named)
    if file is not None:
        return file.stem or named
    return address.host if address is not None and address.host else "camera"


def film_identity(wanted: InputSpec, zones: Zones) -> str:
    """The same whenever the same film is gone through with the same zones, so that who has an event knows it again."""
    from streamdepth.zones.write import toml_of

    file = local_path(wanted.input or "")
    size = file.stat().st_size if file is not None and file.is_file() else 0
    told = f"{camera_name(wanted)} {size} {toml_of(zones)}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]
