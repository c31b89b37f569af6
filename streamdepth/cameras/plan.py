"""From what was typed to the runs of several cameras, all of them checked against each other before any begins."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePath

from streamdepth.addresses import local_path, redact_address
from streamdepth.batch.inputs import Kind
from streamdepth.batch.names import Named
from streamdepth.batch.output_paths import depth_endings, film_endings, place_of
from streamdepth.batch.spec import DEFAULT_NAME, BatchSpec
from streamdepth.cameras.spec import CameraOptions, CameraSpec, GroupSpec, check_name, split_name
from streamdepth.depthfiles.mcap_file import SUFFIX as ROS
from streamdepth.depthfiles.ros_messages import ros_word
from streamdepth.errors import UsageError
from streamdepth.reporting.report import check_report_place
from streamdepth.run.checks import check
from streamdepth.run.pictures import look_of
from streamdepth.run.places import identity_of
from streamdepth.run.sessions.checks import SUFFIX
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings
from streamdepth.run.unfit_options import SEVERAL_CAMERAS, check_fit
from streamdepth.sinks.depth.choice import check_takes_live
from streamdepth.sinks.events.open import STDOUT
from streamdepth.sources import may_be_live

MOST = 64
WORD = "{name}"
"""What stands for the camera's name in an address to publish to, and where events go."""
_CURE_OF_NAMES = "give each a name of its own"


def plan_group(
    common: RunSpec,
    batch: BatchSpec,
    options: CameraOptions,
    tables: Mapping[str, RunSpec],
    surroundings: Surroundings,
) -> GroupSpec:
    """A run for each camera; `tables` has those of a file, by their names. Raises `UsageError` for what is wrong."""
    _check_batch(batch)
    check_fit(common, SEVERAL_CAMERAS)
    typed = _typed(common, batch.inputs, options.camera)
    if twice := next((name for name in typed if name in tables), None):
        raise UsageError(f"two cameras are called {twice}, one of them in {options.cameras}", _CURE_OF_NAMES)
    wanted = {**typed, **tables}
    if not wanted and not options.allow_camera_changes:
        raise UsageError("no camera was named", "name one: --input front=rtsp://HOST/PATH")
    if len(wanted) > MOST:
        raise UsageError(f"{len(wanted)} cameras are too many for one run", f"name {MOST} at most")
    places = {name: f"[{name}] in {options.cameras}" if name in tables else None for name in wanted}
    for name, run in wanted.items():  # an input that is no camera is reported before any other fault
        with _naming_table(places[name]):
            _check_is_camera(name, run)
    cameras = []
    for number, (name, run) in enumerate(wanted.items(), 1):
        with _naming_table(places[name]):
            cameras.append(camera_of(name, run, number, batch.name))
            check_camera(cameras[-1], surroundings)
    check_apart(cameras, common)
    if common.output.report is not None:
        check_report_place(common.output.report)
    serves = options.allow_camera_changes or any(camera.run.serves_web for camera in cameras)
    common = replace(common, output=replace(common.output, webrtc=serves))
    return GroupSpec(tuple(cameras), common, options.allow_camera_changes)


@contextmanager
def _naming_table(table: str | None) -> Iterator[None]:
    """What is wrong in a table is reported with its place: words that a camera shares with the command line lack it."""
    try:
        yield
    except UsageError as error:
        if table is None:
            raise
        raise UsageError(f"{table}: {error.what}", error.cure) from error


def camera_of(name: str, wanted: RunSpec, number: int, pattern: str = DEFAULT_NAME) -> CameraSpec:
    """The run of one camera; its outputs lie in the folders that are named, under its name.

    Raises `UsageError` where one file is named for all of them.
    """
    check_name(name)
    named, given = Named(PurePath(name), PurePath(), number), wanted.output
    output, depth = given.output, given.depth_output
    if output is not None:
        endings = film_endings(wanted.encoding.codec)
        output = place_of(output, Kind.FILM, named, pattern, endings)
    if depth is not None:
        depth = place_of(
            depth, Kind.FILM, named, pattern, depth_endings(Kind.FILM, wanted.depth.depth_format)
        )
    session = wanted.session
    if session.record is not None:
        record = place_of(session.record, Kind.FILM, named, pattern, (SUFFIX,))
        session = replace(session, record=record)
    publish = tuple(address.replace(WORD, name) for address in given.publish)
    run = replace(
        wanted,
        input=replace(wanted.input, called=name),
        stream=replace(wanted.stream, live=True),
        output=replace(
            given,
            output=output,
            depth_output=depth,
            publish=publish,
            events=tuple(target.replace(WORD, name) for target in given.events),
            report=None,
            metrics=None,
        ),
        web=replace(wanted.web, open=False),
        session=session,
    )
    return CameraSpec(name, run)


def _typed(common: RunSpec, inputs: Sequence[str], cameras: Sequence[str]) -> dict[str, RunSpec]:
    """Those of the command line; a camera without a name is called after its place among all."""
    found: dict[str, RunSpec] = {}
    typed = [("camera", text) for text in cameras] + [("input", text) for text in inputs]
    for number, (option, text) in enumerate(typed, 1):
        name, given = split_name(text)
        name = name or f"camera-{number}"
        if name in found:
            raise UsageError(f"two cameras are called {name}", _CURE_OF_NAMES)
        camera, address = (given, None) if option == "camera" else (None, given)
        found[name] = replace(common, input=replace(common.input, camera=camera, input=address))
    return found


def _check_batch(batch: BatchSpec) -> None:
    for option, is_given in {"--recursive": batch.recursive, "--skip-existing": batch.skip_existing}.items():
        if is_given:
            raise UsageError(f"{option} is for files, and these are cameras", "leave it out")


def _check_is_camera(name: str, run: RunSpec) -> None:
    text = run.input.input
    if text is not None and not may_be_live(text) and not run.stream.live:
        raise UsageError(
            f"{name} is {redact_address(text)}, which is not a camera and cannot run together with cameras",
            "add --live to play it like one, or render it by itself",
        )


def check_camera(camera: CameraSpec, surroundings: Surroundings) -> None:
    """Raise `UsageError` for what is wrong with the run of one camera, and `SinkError` for the place of a report."""
    if camera.run.only_a_window:
        raise UsageError(
            f"nothing shows or keeps the pictures of {camera.name}",
            f"add --webrtc, --output FOLDER, --record FOLDER, --events, or --publish with {WORD} in the address",
        )
    check(camera.run, surroundings)
    if camera.run.output.depth_output is not None:
        check_takes_live(camera.run.output.depth_output)
    look_of(camera.run)


def check_apart(cameras: Sequence[CameraSpec], common: RunSpec) -> None:
    """Raise `UsageError` where two cameras would share what is one camera's alone, or have networks of their own."""
    taken: dict[Hashable, str] = {}
    for camera in cameras:
        for what, key, cure in _own(camera):
            other = taken.setdefault(key, camera.name)
            if other != camera.name:
                raise UsageError(f"{other} and {camera.name} have the same {what}", cure)
        if camera.run.network != common.network:
            raise UsageError(
                f"the table of {camera.name} names a network, and all cameras share one",
                "name it with --model, for all of them",
            )


def _own(camera: CameraSpec) -> Iterator[tuple[str, Hashable, str]]:
    """What two cameras cannot both have, with words for it and what to do."""
    run, depth = camera.run, camera.run.output.depth_output
    yield "name but for capitals", ("name", camera.name.casefold()), _CURE_OF_NAMES  # as on some disks
    with_name, by_one = f"put {WORD} into it, or leave one out", "leave one out"
    for path in run.output.places:
        yield "output", identity_of(path), with_name
    for path in run.session.places:
        yield "session", identity_of(path), with_name
    for target in run.output.events:
        if target != STDOUT and (file := local_path(target)) is not None:
            yield "file of events", identity_of(file), with_name
    for what, file in {"zones": run.input.zones, "distances": run.input.metres}.items():
        if file is not None:  # the page of each would write over those of the other
            yield f"file of {what}", identity_of(file), with_name
    for address in run.output.publish:
        yield "address to publish to", ("publish", address), with_name
    if depth is not None and depth.suffix.lower() == ROS:
        yield "topics in ROS", ("topics", ros_word(camera.name)), "give one another name"
    if run.output.virtual_camera:
        yield "virtual camera", ("virtual camera", run.output.virtual_device), by_one
    if run.input.camera is not None:
        yield "device", ("camera", run.input.camera), by_one
    if run.takes_browser:
        yield "input (browser)", "browser", by_one
