"""Whether what was asked for is several cameras."""

from __future__ import annotations

from dataclasses import replace

from streamdepth.batch.spec import BatchSpec
from streamdepth.cameras.spec import CameraOptions, split_name
from streamdepth.run.spec import RunSpec
from streamdepth.sources import may_be_live
from streamdepth.sources.video.suffixes import names_film


def is_group(spec: RunSpec, batch: BatchSpec, options: CameraOptions) -> bool:
    """Whether several cameras were named, or one with a name of its own."""
    if options.cameras is not None or len(options.camera) > 1 or options.allow_camera_changes:
        return True
    if options.camera and batch.inputs:
        return True
    named = [split_name(text) for text in (*options.camera, *batch.inputs)]
    if any(name is not None for name, _ in named):
        return True
    may_be_cameras = all(may_be_live(text) and not names_film(text) for _, text in named)
    return len(named) > 1 and (spec.stream.live or may_be_cameras)


def with_camera(spec: RunSpec, options: CameraOptions) -> RunSpec:
    """The run of the one camera that was named, where there is any."""
    return replace(spec, input=replace(spec.input, camera=options.camera[0])) if options.camera else spec
