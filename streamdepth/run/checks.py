"""What can be wrong with a spec, or without effect: before anything is opened, and once the input is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

from streamdepth.addresses import is_remote, local_path, redact_address, scheme_of
from streamdepth.counted import counted
from streamdepth.depthfiles.index import INDEX_NAME
from streamdepth.errors import SourceError, UsageError
from streamdepth.files import (
    check_output_folder,
    journal_path,
    manifest_path,
    part_path,
    resolved,
    second_part_path,
    sibling,
    state_path,
)
from streamdepth.frames import SourceInfo, is_in_time
from streamdepth.pipeline import StatsSnapshot
from streamdepth.reporting.events import OptionUnused
from streamdepth.reporting.report import check_report_place
from streamdepth.run.given import given, option_of
from streamdepth.run.places import Place, check_apart, check_local, check_name, network_files, reads, writes
from streamdepth.run.rules import RULE
from streamdepth.run.sessions.checks import check_session
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings
from streamdepth.sinks.movie.containers import CONTAINERS, check_encoding, container_of
from streamdepth.sinks.picture_files import may_hold

_ASKED = frozenset({"camera", "demo", "browser"})
"""Kinds of input that can be asked for a size and a rate."""


def check(spec: RunSpec, surroundings: Surroundings) -> None:
    """Whatever is wrong in a spec itself; raises `UsageError`, and `SinkError` for a place that takes no file."""
    for part in fields(spec):
        _check_values(getattr(spec, part.name))
    _check_combinations(spec)
    _check_range(spec)
    _check_scenes(spec)
    _check_names(spec)
    check_apart(places_of(spec, surroundings))
    if spec.output.report is not None:
        check_report_place(spec.output.report)


def _check_values(part: Any) -> None:
    """The rule of each field, for what no command line has looked at."""
    for one in fields(part):
        rule, value = one.metadata.get(RULE), getattr(part, one.name)
        if rule is not None and value is not None and not rule.holds(value):
            raise UsageError(f"{option_of(one.name)} cannot be {value}", f"it must be {rule.words}")


def _check_combinations(spec: RunSpec) -> None:
    wanted, output = spec.input, spec.output
    inputs = [name for name in ("camera", "input") if getattr(wanted, name) is not None]
    if len(inputs) != 1:
        what = "two inputs were given" if inputs else "no input was given"
        raise UsageError(what, "name one: --camera 0, --input FILE_OR_URL, or --input demo")
    if wanted.camera is not None and is_remote(wanted.camera):
        what = f"--camera is for cameras of this machine, and {redact_address(wanted.camera)} is an address"
        raise UsageError(what, "name it with --input")
    if wanted.switch_to and "browser" in spec.inputs:
        raise UsageError("--switch-to does not go with a browser's camera", "leave one of the two out")
    if wanted.switch_to and not output.webrtc:
        raise UsageError("--switch-to is for viewers of the page", "add --webrtc, or leave it out")
    if spec.web.open and not spec.serves_web:
        raise UsageError("--open is for the page, and there is none", "add --webrtc, or leave it out")
    _check_virtual_camera(spec)
    if output.segment is not None and output.output is None:
        raise UsageError("--segment is for a recording, and there is none", "add --output NAME.mp4")
    if output.cluster_store is not None and output.cluster is None:
        raise UsageError(
            "--cluster-store is for --cluster, and there is none", "add --cluster, or leave it out"
        )
    check_session(spec)
    _check_part(spec)
    _check_rates(spec)
    _check_legend(spec)
    _check_events(spec)
    if spec.depth.fov is not None and (output.depth_output or Path()).suffix.lower() not in (".ply", ".mcap"):
        raise UsageError(
            "--fov is for points and ROS, and there are none", "add --depth-output NAME.ply or NAME.mcap"
        )
    check_encoding(output.output, *vars(spec.encoding).values())
    if output.manifest and (output.output is None or output.output.suffix.lower() not in CONTAINERS):
        raise UsageError("--manifest is for a movie, and there is none", "add --output NAME.mp4")
    if output.keep is not None and output.segment is None:
        raise UsageError("--keep deletes files that --segment made", "add --segment, or leave it out")


def _check_virtual_camera(spec: RunSpec) -> None:
    if spec.output.virtual_camera:
        from streamdepth.sinks.virtual_camera.package import require_package

        require_package()
        if spec.output.virtual_device == spec.input.camera is not None:
            raise UsageError("the input and the virtual camera are the same device", "name another for one")
    elif spec.output.virtual_device is not None:
        raise UsageError("--virtual-device is for --virtual-camera, which is missing", "add --virtual-camera")


def _check_events(spec: RunSpec) -> None:
    if spec.output.events:
        from streamdepth.sinks.events.open import check_places

        check_places(spec.output.events)
        if spec.input.zones is None and not spec.serves_web:
            raise UsageError(
                "--events reports zones, and there are none", "add --zones FILE, or leave it out"
            )
    if spec.input.zones is not None:
        from streamdepth.run.outputs.zone_events import wanted_zones

        wanted_zones(spec)


def _check_part(spec: RunSpec) -> None:
    start, end, wanted = spec.amount.start, spec.amount.end, spec.input
    if start is None and end is None:
        return
    if wanted.camera is not None or wanted.switch_to or spec.takes_browser:
        raise UsageError("--start and --end are for one recording", "leave them out, or name it with --input")
    if end is not None and end <= (start or 0):
        raise UsageError(
            "--end is not later than --start", "both are times of the recording, as in 1:30 and 2:00"
        )


def _check_rates(spec: RunSpec) -> None:
    most, promised = spec.amount.max_fps, spec.promise.target_fps
    if most is not None and promised is not None and most < promised:
        raise UsageError("--max-fps leaves out pictures that --target-fps promises", "leave one of them out")


def _check_legend(spec: RunSpec) -> None:
    picture = spec.picture
    if not picture.legend or spec.is_watched:  # who watches may change the layout
        return
    from streamdepth.rendering import Look

    if Look(picture.layout).seen_colours is None:
        raise UsageError(
            f"--legend is for colours of depth, and --layout {picture.layout} shows none", "leave it out"
        )


def _check_range(spec: RunSpec) -> None:
    watched = spec.is_watched or spec.stream.live or spec.promise.is_made
    if spec.picture.range == "global" and (watched or not (spec.writes_files or spec.output.events)):
        raise UsageError(
            "--range global looks at the whole input before it draws: it is for files that nobody watches",
            "name an --output alone, or take --range auto",
        )


def _check_scenes(spec: RunSpec) -> None:
    if spec.picture.scenes is not None and (spec.is_watched or spec.stream.live or not spec.writes_files):
        raise UsageError("--scenes is for films that are rendered to files", "leave it out here")
    if spec.picture.scenes is not None and not spec.picture.scenes.is_file():
        check_output_folder(resolved(spec.picture.scenes))


def _check_names(spec: RunSpec) -> None:
    for named in spec.inputs:
        if (file := local_path(named)) is not None:
            check_name("the input", file)
    check_name("--model", Path(spec.network.model))
    for option in ("output", "depth_output", "report"):
        path: Path | None = getattr(spec.output, option)
        if path is not None:
            check_local(option_of(option), path)
            check_name(option_of(option), path)
    for path in spec.session.places:
        check_local("--record", path)
        check_name("--record", path)


def places_of(spec: RunSpec, surroundings: Surroundings) -> Iterator[Place]:
    """Every file and folder that a run would read or write."""
    from streamdepth.sources import files_of

    wanted, output = spec.input, spec.output
    inputs = files_of(wanted.input) if wanted.input is not None else []
    yield from reads("--input", *inputs)
    for named in wanted.switch_to:
        yield from reads("--switch-to", *files_of(named))
    others = {
        "--metres": wanted.metres,
        "--zones": wanted.zones,
        "--config": surroundings.config,
        "--cert": spec.web.cert,
        "--key": spec.web.key,
    }
    for option, path in others.items():
        yield from reads(option, *([] if path is None else [path]))
    yield from reads("--model", *network_files(spec.network.model))
    if (scenes := spec.picture.scenes) is not None:
        yield from (
            reads("--scenes", scenes)
            if scenes.is_file()
            else writes("--scenes", scenes, part_path(resolved(scenes)))
        )
    if output.output is not None and output.manifest:
        yield from writes("--manifest", manifest_path(output.output))
    if output.output is not None:
        yield from _outputs("--output", output.output, inputs, [".png"])
    if output.depth_output is not None:
        suffixes = [f".{spec.depth.depth_format}", ".json"]
        yield from _outputs("--depth-output", output.depth_output, inputs, suffixes, INDEX_NAME)
    if output.events:
        from streamdepth.sinks.events.open import file_of

        for file in filter(None, map(file_of, output.events)):
            yield from writes("--events", file, part_path(resolved(file)))
    if output.report is not None:
        yield from writes("--report", output.report)
    yield from writes("--record", *spec.session.places)


def _outputs(
    option: str, path: Path, inputs: Sequence[Path], suffixes: Sequence[str], *always: str
) -> list[Place]:
    """What a sink writes: a file with those beside it and their unfinished parts, or a folder and what it may hold.

    `always` names what is in each folder of it.
    """
    if path.is_dir() or not path.suffix:
        stems = [picture.stem for picture in inputs]
        folder = writes(option, path, holds=lambda name: may_hold(name, suffixes, stems))
        return [*folder, *writes(option, path, *(path / name for name in always))[1:]]
    files = [path, *(sibling(path, suffix) for suffix in suffixes[1:])]
    notes = (second_part_path, journal_path, state_path) if container_of(path) is not None else ()
    beside = (part_path, *notes)
    return writes(option, *files, *(named(resolved(file)) for file in files for named in beside))


def check_input(spec: RunSpec, info: SourceInfo) -> None:
    """What has no meaning for the input that `info` describes; raises `UsageError`."""
    _check_interpolation(spec, info)
    _check_promise(spec, info)


def _check_interpolation(spec: RunSpec, info: SourceInfo) -> None:
    if not spec.picture.interpolate:
        return
    if not info.live:
        raise UsageError(
            "--interpolate is for live pictures: in a file every frame gets depth of its own",
            "leave it out, or add --live",
        )
    if spec.output.depth_output is not None:
        raise UsageError(
            "--interpolate shows depth that was moved, and --depth-output writes depth that was inferred",
            "leave one of them out",
        )


def _check_promise(spec: RunSpec, info: SourceInfo) -> None:
    """A promise that has no meaning for the input; raises `UsageError`."""
    promise = spec.promise
    if not promise.is_made:
        return
    option = "--target-latency" if promise.target_latency is not None else "--target-fps"
    if not info.live:
        raise UsageError(
            f"{option} is for live pictures: a file waits until each of its pictures has depth",
            "leave it out, or add --live",
        )
    if info.depth is not None:
        raise UsageError(
            f"{option} chooses a network, and these pictures bring their depth along",
            "leave it out",
        )


def unused_options(spec: RunSpec, info: SourceInfo) -> Iterator[OptionUnused]:
    """Each option that was given and changes nothing for the input that `info` describes."""
    named = {*given(spec.input), *given(spec.stream)}
    named |= {"manifest"} if spec.output.manifest else set()
    named |= {"look_ahead"} & given(spec.picture).keys()
    inputs = spec.inputs
    is_many = info.kind == "image" and info.frame_count != 1
    asks = info.kind in _ASKED or spec.input.camera is not None or bool(spec.input.switch_to)
    comes_back = spec.input.camera is not None or info.live or any(map(is_remote, inputs))
    at_rtsp = any((scheme_of(one) or "").startswith("rtsp") for one in inputs)
    concerns = {
        "camera_size": (asks, "cameras, browsers and the demo"),
        "camera_fps": (
            asks or info.kind == "snapshot" or (info.live and _is_slow(spec.input.camera_fps)),
            "cameras, browsers and the demo; --input-fps is for a sequence of images",
        ),
        "input_fps": (is_many, "a folder or pattern of images"),
        "rtsp_transport": (at_rtsp, "rtsp:// addresses"),
        "manifest": (not info.live, "inputs that end"),
        "look_ahead": (is_in_time(info) and not info.live, "films that are rendered to a file"),
        "wait_for_source": (comes_back, "addresses and cameras"),
    }
    watches = bool(spec.output.events) or spec.serves_web or spec.session.record is not None
    concerns["zones"] = (watches, "--events, --webrtc and --record")
    for name, (matters, whom) in concerns.items():
        if not matters and name in named:
            yield OptionUnused(option_of(name), whom)
    if info.depth is not None:
        for name in given(spec.network):
            yield OptionUnused(option_of(name), "pictures whose depth is not there yet")
    if not spec.serves_web:
        for name in given(spec.web):
            if name != "ice_server" or not spec.output.publish:
                yield OptionUnused(option_of(name), "--webrtc")


def _is_slow(rate: Fraction | None) -> bool:
    """Whether its pictures are waited for longer than others."""
    from streamdepth.sources.live.patience import patience_asked

    return patience_asked(rate) > 0


def is_picture_a_second(spec: RunSpec, info: SourceInfo) -> bool:
    """Whether a folder of pictures becomes a film at a rate that nobody named."""
    output = spec.output.output
    is_film = output is not None and container_of(output) is not None
    return is_film and info.kind == "image" and info.rate is None and info.frame_count != 1


def nothing_written(stats: StatsSnapshot) -> SourceError:
    """Why a run that came to its end has written no picture."""
    if not stats.captured:
        return SourceError(
            "nothing was written: the input gave no picture", "look at it with streamdepth doctor"
        )
    return SourceError(
        f"nothing was written: of {counted(stats.captured, 'picture')} that came, none was worked on in time",
        "take more of it, or a smaller network: --model nano",
    )
