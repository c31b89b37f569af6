"""Which sink writes depth as numbers, by what is named: a folder, a file of one map, or a file of a whole clip."""

from __future__ import annotations

from pathlib import Path

from streamdepth.depthfiles.formats import CLIPS, MAPS, WRITTEN
from streamdepth.depthfiles.index import INDEX_NAME, check_index_place
from streamdepth.depthfiles.mcap_file import SUFFIX as ROS_SUFFIX
from streamdepth.errors import UsageError
from streamdepth.files import check_output_folder, disk_errors, resolved
from streamdepth.frames import SourceInfo, is_in_time
from streamdepth.protocols import Sink
from streamdepth.sinks.depth.clip_file import ClipFile
from streamdepth.sinks.depth.files import MapFile, MapFolder
from streamdepth.sinks.depth.options import DepthOptions
from streamdepth.sinks.depth.ranges import FrameScale, RunningScale
from streamdepth.sinks.depth.ros_bag import RosBag
from streamdepth.sinks.depth.sink import DepthSink, Files, SpooledFiles
from streamdepth.sinks.depth.spooled import SpooledSink
from streamdepth.sinks.depth.taken import Taken
from streamdepth.sinks.depth.with_picture import WITH_PICTURE, PictureWithDepth
from streamdepth.sinks.movie.containers import CONTAINERS
from streamdepth.sinks.picture_files import PictureFile, PictureFolder, refuse_same

KINDS = tuple(dict.fromkeys((*WRITTEN, *CLIPS, ROS_SUFFIX, *WITH_PICTURE)))
"""Suffixes of the files that can be named, lower case."""


def is_of_clip(path: Path, info: SourceInfo) -> bool:
    """Whether `path` gets depth of pictures that go on in time: a folder, or a file for all of them."""
    suffix = path.suffix.lower()
    is_alone = info.kind == "image" and info.frame_count == 1
    return is_in_time(info) and not is_alone and (not suffix or path.is_dir() or suffix in CLIPS)


def check_takes_live(path: Path) -> None:
    """Raise `UsageError` where `path` is a file that is written once all depth of a clip is known."""
    if path.suffix.lower() in CLIPS and not path.is_dir():
        raise UsageError(
            f"{path.name} has one range, which of a live input is never known", "name a folder for its depth"
        )


def sink_for(path: Path, info: SourceInfo, options: DepthOptions) -> Sink:
    """The sink that writes depth to `path`; see `open_depth_sink`."""
    suffix = path.suffix.lower()
    is_alone = info.kind == "image" and info.frame_count == 1
    with disk_errors(path):
        is_folder = path.is_dir() or not suffix
    if info.depth is not None:
        refuse_same(path, info.origin)
    if not is_folder and suffix not in (ROS_SUFFIX, *WITH_PICTURE):
        check_index_place(path)
    if is_folder:
        suffix = f".{options.format}"
        beside = [".json"] if suffix == ".png" else []
        folder = MapFolder(
            PictureFolder(path, info, [suffix, *beside], reserved=[Path(INDEX_NAME).stem]), suffix
        )
        return _of_maps(folder, suffix, path, info, options)
    if suffix in CLIPS and not (is_alone and suffix in MAPS):
        return _of_clip(path, info, options)
    if suffix in WITH_PICTURE:
        return PictureWithDepth(path, info, raw=options.raw, fov=options.fov)
    if suffix == ROS_SUFFIX:
        return RosBag(path, info, options)
    if suffix not in WRITTEN:
        kinds = f"choose from {' '.join(KINDS)}, or name a folder"
        if suffix in CONTAINERS:
            raise UsageError(f"{path} is a film to look at", f"--output {path} writes it; for depth {kinds}")
        raise UsageError(f"{path} is of an unknown kind", kinds)
    file = MapFile(PictureFile(path, info, [suffix, ".json"]), suffix)
    taken = Taken(info, options, "frame", exact=MAPS[suffix].is_exact)
    return DepthSink(file, taken, FrameScale(taken.scale))


def _of_maps(files: Files, suffix: str, path: Path, info: SourceInfo, options: DepthOptions) -> Sink:
    wanted = options.range or ("clip" if is_in_time(info) else "frame")
    exact = MAPS[suffix].is_exact
    if wanted == "clip" and info.live:
        taken = Taken(info, options, "running", exact=exact)
        return DepthSink(files, taken, RunningScale(taken.scale))
    taken = Taken(info, options, "clip" if wanted == "clip" else "frame", exact=exact)
    has_one_range = wanted == "clip" and MAPS[suffix].wants_range
    if has_one_range or options.spool is not None:
        target = SpooledFiles(files, has_one_range=has_one_range)
        return SpooledSink(target, path, taken, options, info)
    return DepthSink(files, taken, FrameScale(taken.scale))


def _of_clip(path: Path, info: SourceInfo, options: DepthOptions) -> Sink:
    if options.range == "frame":
        raise UsageError(
            f"--depth-range frame is for a folder, and {path.name} has one range",
            "leave it out, or name a folder",
        )
    if info.live:
        check_takes_live(path)
    check_output_folder(resolved(path))
    refuse_same(path, info.origin)
    taken = Taken(info, options, "clip", exact=CLIPS[path.suffix.lower()].is_exact)
    return SpooledSink(ClipFile(path, info.rate), path, taken, options, info)
