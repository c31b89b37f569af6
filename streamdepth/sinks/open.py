"""From a word or a path to the sink that writes it."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from streamdepth.errors import UsageError
from streamdepth.frames import SourceInfo
from streamdepth.protocols import Sink

if TYPE_CHECKING:
    from streamdepth.sinks.window.sink import Controls


class HasInfo(Protocol):
    """A source, or anything else that says what frames are to come."""

    @property
    def info(self) -> SourceInfo:
        """The frames to come."""


def open_sink(spec: str | Path, source: HasInfo, **options: Any) -> Sink:
    """Open the sink that `spec` names for the frames of `source`.

    `window` is the live preview; it needs the options `controls=` (a `Renderer`) and `environ=os.environ`. A path
    that ends in .mp4 is a video; for pictures, one that ends in .png, .jpg and the like is a picture, and a folder
    is a folder of pictures. `options` go to the sink: see `WindowSink`, `Mp4Sink`, `ImageSink`.

    Raises UsageError where no sink fits, DisplayMissing where there is no display, SinkError where the place
    cannot be written, TypeError for an option that the sink does not have.
    """
    if spec == "window":
        from streamdepth.sinks.window.sink import WindowSink

        return WindowSink(**options)
    path = Path(spec)
    if path.suffix.lower() == ".mp4":
        from streamdepth.sinks.movie.sink import Mp4Sink

        return Mp4Sink(path, source.info, **options)
    if _is_for_pictures(path, source.info):
        from streamdepth.sinks.images.sink import ImageSink

        return ImageSink(path, source.info, **options)
    raise UsageError(
        f"nothing writes {str(spec)!r}",
        "name the window, an .mp4 file, or for pictures a .png, .jpg, .webp, .bmp or .tif file or a folder",
    )


def open_depth_sink(path: str | Path, source: HasInfo) -> Sink:
    """Open a `DepthSink`: depth itself in 16 bits, a .png for one image, else a folder; raises as that does."""
    from streamdepth.sinks.depth.sink import DepthSink

    return DepthSink(Path(path), source.info)


def open_window(
    title: str,
    controls: Controls,
    *,
    environ: MutableMapping[str, str],
    **options: Any,
) -> Sink:
    """Open a `WindowSink`, whose keys turn `controls`; raises DisplayMissing where no window could be opened."""
    from streamdepth.sinks.window.sink import WindowSink

    return WindowSink(title, controls=controls, environ=environ, **options)


def _is_for_pictures(path: Path, info: SourceInfo) -> bool:
    if info.kind == "image":
        return True
    from streamdepth.sinks.picture_files import IMAGE_SUFFIXES

    return path.suffix.lower() in IMAGE_SUFFIXES
