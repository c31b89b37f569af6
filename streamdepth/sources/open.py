"""From a word, a number, a path or an address to its source."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.addresses import (
    WORDS,
    is_remote,
    local_path,
    mistake_in_address,
    mistake_in_path,
    redact_address,
    scheme_of,
)
from streamdepth.errors import SourceError, SourceMissing, Trouble
from streamdepth.pixel_limit import PixelLimit
from streamdepth.protocols import Source

if TYPE_CHECKING:
    from streamdepth.sources.images.image_head import ImageHead
    from streamdepth.sources.live.reconnecting import Persistence
    from streamdepth.sources.video.source import VideoOptions


_CAMERA_PATH = re.compile(r"/dev/(video\d|v4l/)")


def _ignore(_line: str) -> None:
    return None


@dataclass(frozen=True)
class SourceOptions:
    """What a source is asked for; each source takes what concerns it."""

    size: tuple[int, int] | None = None
    """Width and height of the camera or the demo; None is the camera's own, and 1280x720 (also asked of a browser)."""
    rate: Fraction | None = None
    """Frames per second of the camera or the demo; None is the camera's own, and 30."""
    picture_rate: Fraction | None = None
    """Pictures per second of a folder or pattern; None is one a second, which have nothing to do with each other."""
    duration: Fraction | int | None = 10
    """Seconds of the demo; None is endless."""
    same_size: bool = False
    """Whether what browsers send is fitted into the first picture's size: some outputs cannot change theirs."""
    max_pixels: int | None = None
    """The most pixels of a picture; None is what `PixelLimit` has for a video and for a photo."""
    live: bool = False
    """The demo as a camera: in real time, and only the newest frame counts."""
    seed: int = 0
    """Which demo."""
    video: VideoOptions | None = None
    """How a file or an address is opened; None is the defaults."""
    persistence: Persistence | None = None
    """How long a live address is held on to; None is the defaults: it is connected again for ever."""
    notify: Callable[[str], None] = field(default=_ignore, compare=False)
    """Gets one line when a live address is lost, waited for or back."""

    @property
    def limit(self) -> PixelLimit:
        """How large pictures may be; nothing larger is decoded."""
        return PixelLimit.of(self.max_pixels)


def open_source(spec: str | int | Path, options: SourceOptions | None = None) -> Source:
    """Open what a word, a number, a path or an address means.

    A number, "camera" (the first one) or a path such as /dev/video0 is a camera; "demo" is the built-in scene;
    "browser" is what browsers and other programs send to the web service; a folder, a glob or the name of an image is
    pictures; everything else, an address above all, is video. A file called demo is opened as ./demo. A live address
    comes back by itself: see `ReconnectingSource`.

    Raises SourceMissing where there is nothing of that name, SourceError where it cannot be opened or its pictures are
    larger than `options` allow, UsageError where the options do not suit.
    """
    options = options or SourceOptions()
    options.limit.check_wanted(options.size)
    device = _camera(spec)
    if device is not None:
        return open_camera(device, options)
    if spec == "demo":
        return _demo(options)
    if spec == "browser":
        return _browser(options)
    text = str(spec)
    if scheme_of(text) is not None:
        return _address(text, options)
    return _local(text, options)


def check_source(spec: str, options: SourceOptions | None = None) -> None:
    """Find out what can be wrong with something that `open_source` is to open later.

    A file, a folder or a glob is opened for a moment. Of a camera it is looked whether it is there and may be opened,
    of an address only how it is written: both may be switched on later. Raises as `open_source` does.
    """
    device = _camera(spec)
    if device is not None:
        from streamdepth.sources.camera.device_file import check_presence

        check_presence(device, f"camera {device}")
    elif is_remote(spec):
        _check_address(spec)
    elif spec not in WORDS:
        open_source(spec, options).close()


def files_of(spec: str) -> list[Path]:
    """What an input reads of this machine's disk: the file or the folder that is named first, then its pictures.

    Nothing for a camera, a word, or an address; a glob is all its pictures.
    """
    from streamdepth.sources.images.picture_files import find_pictures, is_pattern

    file = local_path(spec)
    if _camera(spec) is not None or file is None or spec in WORDS:
        return []
    if scheme_of(spec) is not None:
        return [file]
    path = Path(spec).expanduser()
    if not path.exists() and not is_pattern(spec):
        return [path]
    try:
        pictures = find_pictures(path)
    except SourceMissing:  # whoever opens it says so
        pictures = []
    return [path, *(picture for picture in pictures if picture != path)]


def open_camera(wanted: int | str, options: SourceOptions | None = None) -> Source:
    """Open a camera by its number, its path, its name, or a part of its name; it comes back when plugged in again.

    Raises SourceMissing where there is no such camera, and SourceError where a part of a name fits several, another
    program holds the camera, or this user may not open it.
    """
    from streamdepth.sources.camera.opener import CameraOpener
    from streamdepth.sources.live.reconnecting import Persistence, ReconnectingSource

    options = options or SourceOptions()
    options.limit.check_wanted(options.size)
    connect = CameraOpener(wanted, size=options.size, rate=options.rate)
    # The first time on the thread of the caller: macOS asks for permission on the main thread only.
    first = connect()
    persistence = options.persistence or Persistence()
    return ReconnectingSource(first, connect, f"camera {wanted}", persistence, options.notify)


def _camera(spec: str | int | Path) -> int | str | None:
    """Number or path of the camera that is meant; None where none is."""
    if isinstance(spec, int):
        return spec
    text = str(spec)
    if spec == "camera":
        return 0
    if text.isdecimal() and not Path(text).exists():
        return int(text)
    return text if _CAMERA_PATH.match(text) else None


def _demo(options: SourceOptions) -> Source:
    from streamdepth.sources.demo.source import DemoScene

    width, height = options.size or (1280, 720)
    rate = Fraction(30) if options.rate is None else options.rate
    return DemoScene(width, height, rate, options.duration, live=options.live, seed=options.seed)


def _browser(options: SourceOptions) -> Source:
    from streamdepth.sources.browser.source import BrowserSource

    return BrowserSource(
        options.size,
        options.rate,
        same_size=options.same_size,
        max_pixels=options.max_pixels,
        notify=options.notify,
    )


def _address(url: str, options: SourceOptions) -> Source:
    from streamdepth.sources.live.reconnecting import Persistence, open_reconnecting

    if not is_remote(url):
        return _video(url, options)
    _check_address(url)
    persistence = options.persistence or Persistence()
    name = redact_address(url)
    return open_reconnecting(lambda: _video(url, options), name, persistence, notify=options.notify)


def _check_address(url: str) -> None:
    if mistake := mistake_in_address(url):
        raise SourceError(
            mistake.what, mistake.cure, Trouble.KIND_OF_ADDRESS if mistake.of_kind else Trouble.OTHER
        )


def _video(path_or_url: str, options: SourceOptions) -> Source:
    from streamdepth.sources.video.source import VideoSource

    video = options.video
    if options.max_pixels is not None:
        from streamdepth.sources.video.source import VideoOptions

        video = replace(video or VideoOptions(), limit=options.limit)
    return VideoSource(path_or_url, video)


def _local(text: str, options: SourceOptions) -> Source:
    from streamdepth.sources.images.image_file import head_of
    from streamdepth.sources.images.picture_files import PICTURE_SUFFIXES, is_pattern
    from streamdepth.sources.images.source import StillSource

    path = Path(text).expanduser()
    try:
        exists = path.exists()
    except (OSError, ValueError) as error:  # a name that no file may have
        raise SourceMissing(f"there is no file or folder {text}", "check the path") from error
    if not exists and (mistake := mistake_in_path(text)):
        raise SourceMissing(mistake.what, mistake.cure, Trouble.KIND_OF_ADDRESS)
    if not exists and not is_pattern(text):
        raise SourceMissing(f"there is no file or folder {text}", _advice(path))
    if not path.is_file():
        return StillSource(str(path), options.limit, rate=options.picture_rate)
    head = head_of(path)
    if head is not None and head.animated:
        return _animation(path, head, options)
    # By its content: a name may end in anything, and an animation in the same letters as a photo.
    if head is not None or path.suffix.lower() in PICTURE_SUFFIXES:
        return StillSource(str(path), options.limit)
    return _video(str(path), options)


def _animation(path: Path, head: ImageHead, options: SourceOptions) -> Source:
    if head.kind != "WebP":
        return _video(str(path), options)
    from streamdepth.sources.images.webp_animation import WebpAnimation

    return WebpAnimation(path, options.limit)


def _advice(path: Path) -> str:
    """What to do about a path that is not there: a name like it, or the first folder that is missing."""
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} either; check the path"
    near = difflib.get_close_matches(path.name, _names(folder), n=2, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(str(folder / name) for name in near) + "?"
    return "check the path; --input demo needs no file"


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError:  # it may be entered but not listed: then there is nothing to suggest
        return []
