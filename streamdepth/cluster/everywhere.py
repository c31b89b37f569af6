"""A spec that means the same on every machine of a cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from streamdepth.addresses import local_path, scheme_of
from streamdepth.machine import thread_count
from streamdepth.run.network.engines import RunEngine
from streamdepth.run.spec import NetworkSpec, RunSpec
from streamdepth.sources.images.picture_files import is_pattern


def same_everywhere(spec: RunSpec, engine: RunEngine, threads: int | None) -> RunSpec:
    """`spec` with names of files that hold on all machines, and with what `auto` came to in `engine`."""
    output, depth, scenes = spec.output.output, spec.output.depth_output, spec.picture.scenes
    metres = spec.input.metres
    network = replace(
        spec.network,
        model=engine.name if spec.network.model == "auto" else _absolute(spec.network.model),
        engine=engine.runtime_name,
        precision=engine.precision,
        threads=threads,
    )
    return replace(
        spec,
        network=network,
        input=replace(
            spec.input, input=_input_name(str(spec.input.input)), metres=metres and metres.resolve()
        ),
        output=replace(
            spec.output, output=output and output.resolve(), depth_output=depth and depth.resolve()
        ),
        picture=replace(spec.picture, scenes=scenes and scenes.resolve()),
    )


def lane_threads(network: NetworkSpec, engine: RunEngine) -> int:
    """How many threads infer one picture in a run here; on a worker as many, so that it comes to the same."""
    return max(1, thread_count(network.threads) // len(engine.lanes))


def _input_name(name: str) -> str:
    path = (local_path(name) or Path(name)).expanduser()
    if path.is_dir() or (scheme_of(name) is None and is_pattern(name)):
        return str(path.absolute())
    return _absolute(name)


def _absolute(name: str) -> str:
    """A file under the name that it has on every machine; any other word as it is."""
    path = (local_path(name) or Path(name)).expanduser()
    return str(path.resolve()) if path.is_file() else name
