"""Depth in metres for robots: an MCAP file of ROS 2 messages (`ros2 bag play`, Foxglove), written without ROS.

Each picture is a depth image in `32FC1`, the colours that go with it pixel for pixel, and where it is known how wide
the camera sees, its `CameraInfo`. Messages of a live source have the times of its capture, those of a film its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.mcap_file import McapFile, check_installed, has_messages
from streamdepth.depthfiles.ros_messages import (
    CAMERA_INFO,
    COMPRESSED_IMAGE,
    IMAGE,
    Lens,
    Stamp,
    camera_info,
    depth_image,
    jpeg_image,
    ros_word,
)
from streamdepth.errors import SinkError, UsageError
from streamdepth.files import OutputFile, disk_errors, resolved
from streamdepth.frames import BEYOND, DepthMap, DepthMeaning, Frame, Rendered, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks.depth.options import DepthOptions
from streamdepth.sinks.depth.taken import Taken
from streamdepth.sinks.picture_files import encode, refuse_same
from streamdepth.sinks.wall_clock import wall_clock
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Names:
    """What a camera's messages are called: one by one of several, so that their files can be played together."""

    depth: str
    lens: str
    colour: str
    frame: str

    @classmethod
    def of(cls, camera: str) -> Names:
        """Of a camera by its name."""
        word = ros_word(camera)
        topics = (
            f"/{word}/depth/image_raw",
            f"/{word}/depth/camera_info",
            f"/{word}/color/image_raw/compressed",
        )
        return cls(*topics, f"{word}_optical_frame")


class RosBag:
    """Writes all pictures of a run into one file; pictures whose metres are withheld are left out.

    A film grows as `NAME.part.mcap` and gets its name when it is whole; of a run that ends early the part is kept, and
    can be read. A live source has its final name at once, and an earlier file stays: then it is `day-2.mcap`.
    """

    def __init__(
        self,
        path: Path,
        info: SourceInfo,
        options: DepthOptions,
        when: Callable[[float], float] = wall_clock,
    ) -> None:
        """`when` returns the seconds since 1970 of a time of capture. Raises SinkError and UsageError."""
        check_installed()
        final = resolved(path)
        refuse_same(final, info.origin)
        self._options = options
        self._names = Names.of(options.camera)
        self._is_live = info.live
        self._when = when
        self._taken = Taken(info, options, "frame", exact=True)
        self._file = OutputFile.numbered(final) if info.live else OutputFile.begin(final)
        self._open: tuple[BinaryIO, McapFile] | None = None
        self._is_broken_off = False
        self.kept: Path | None = None
        """The readable part of a run that ended early."""

    @property
    def path(self) -> Path:
        """The final name of the file."""
        return self._file.path

    @property
    def warnings(self) -> Sequence[str]:
        """What has no metres."""
        return self._taken.warnings

    def write(self, rendered: Rendered) -> None:
        """Add one picture; raises DiskFull, SinkError, and UsageError where depth has no unit."""
        self._check_unit(rendered)
        entry = self._taken(rendered)
        if entry is None:
            return
        try:
            with disk_errors(self.path):
                self._add(rendered, entry)
        except SinkError:
            self._break_off()
            raise

    def close(self, *, complete: bool = True) -> None:
        """End the file, and give it its name where the run is `complete`; without a picture there is none."""
        if self._open is None:
            self._file.release()
            if not self._is_broken_off:
                self._taken.check()
            return
        stream, bag = self._open
        try:
            with disk_errors(self.path), stream:
                facts = replace(self._taken.facts(), meaning=DepthMeaning.METRES)
                bag.finish("streamdepth", {"facts": json.dumps(facts.to_json())})
            self.kept = None if self._is_live else self._file.at
            if complete or self._is_live:
                self._file.finish()
                self.kept = None
        except SinkError:
            self._break_off()
            raise
        finally:
            self._open = None
            self._file.release()

    def _break_off(self) -> None:
        """Leave what can be read on a disk that takes no more, and nothing where that is no message.

        The writer is not asked again: what it wrote half it would write once more.
        """
        self._is_broken_off = True
        opened, self._open = self._open, None
        if opened is not None:
            with suppress(OSError):
                opened[0].close()
        if not has_messages(self._file.at):
            self.kept = None
            self._file.discard()
            return
        self.kept = None if self._is_live else self._file.at
        self._options.notify(f"{self._file.at} lacks its end; mcap recover repairs it")
        self._file.release()

    def _check_unit(self, rendered: Rendered) -> None:
        """Before anything is written: a later picture may be without metres, and is left out."""
        if self._open is not None:
            return
        is_measured = rendered.measured is not None or rendered.depth.metres is not None
        if not self._options.raw and is_measured:
            return
        if rendered.estimate.depth.metres is None:
            cure = (
                "leave --depth-raw out"
                if is_measured
                else "add --metres FILE, which streamdepth metres makes"
            )
            raise UsageError(f"{self.path.name} is in metres, and this depth has no unit", cure)

    def _add(self, rendered: Rendered, entry: Entry) -> None:
        frame, facts, names = rendered.estimate.frame, self._taken.facts(), self._names
        if self._open is None:
            topics = {names.depth: IMAGE, names.colour: COMPRESSED_IMAGE}
            if self._options.fov is not None:
                topics[names.lens] = CAMERA_INFO
            stream = self._file.open()
            self._open = (
                stream,
                McapFile(stream, topics, f"streamdepth {facts.origin.get('streamdepth_version', '')}"),
            )
        stamp = Stamp(self._nanoseconds(frame), names.frame)
        fitted = self._taken.fitting()(entry)
        metres = metres_of(fitted, facts.meaning)
        picture = frame.picture if self._options.size == "source" else frame.picture.content
        messages = {
            names.depth: depth_image(stamp, metres),
            names.colour: jpeg_image(stamp, _jpeg(picture, metres.shape)),
        }
        if self._options.fov is not None:
            messages[names.lens] = camera_info(stamp, _lens(self._options.fov, frame, fitted))
        for topic, message in messages.items():
            self._open[1].add(topic, stamp.nanoseconds, frame.index, message)

    def _nanoseconds(self, frame: Frame) -> int:
        if self._is_live:
            return round(self._when(frame.captured_at) * 1_000_000) * 1000  # a float has no finer steps
        return max(0, round(frame.pts * 1_000_000_000))


def metres_of(fitted: Entry, meaning: DepthMeaning) -> NDArray[np.float32]:
    """(h, w) metres of an entry: NaN in bars and where they are 0 or less, infinite beyond the range, as in REP 117."""
    content = DepthMap(fitted.content, meaning).metres
    assert content is not None, "it was looked at before"
    metres = np.full(fitted.values.shape, np.nan, np.float32)
    inside = metres if fitted.place is None else metres[fitted.place.pixels]
    inside[:] = np.where(content < BEYOND, np.where(content > 0, content, np.nan), np.inf)
    return metres


def _jpeg(picture: Picture, shape: tuple[int, int]) -> bytes:
    """Its colours in the size of a map."""
    image, size = picture.bgr, shape[::-1]
    if image.shape[:2] != shape:
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return encode(np.ascontiguousarray(image), ".jpg")


def _lens(degrees: float, frame: Frame, fitted: Entry) -> Lens:
    height, width = fitted.values.shape
    content = frame.picture.content
    place = fitted.place
    box = (0, 0, width, height) if place is None else (place.left, place.top, place.width, place.height)
    shape = float(content.width * frame.pixel_aspect / content.height)
    return Lens.of(degrees, (width, height), box, shape)
