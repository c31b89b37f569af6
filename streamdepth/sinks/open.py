"""From a word or a path to the sink that writes it: the registry of all writers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from streamdepth.errors import UsageError
from streamdepth.frames import SourceInfo
from streamdepth.protocols import Sink
from streamdepth.sinks.depth.open import open_depth_files
from streamdepth.sinks.depth.options import DepthOptions
from streamdepth.sinks.images.open import open_pictures
from streamdepth.sinks.images.suffixes import IMAGE_SUFFIXES
from streamdepth.sinks.movie.containers import CONTAINERS
from streamdepth.sinks.movie.open import open_movie
from streamdepth.sinks.virtual_camera.open import open_virtual_camera
from streamdepth.sinks.window.open import open_preview

if TYPE_CHECKING:
    from streamdepth.sinks.window.protocols import Controls

WORDS: Mapping[str, Callable[..., Sink]] = {"window": open_preview, "virtual-camera": open_virtual_camera}
"""Outputs that are no file."""
SUFFIXES: Mapping[str, Callable[..., Sink]] = {
    **dict.fromkeys(CONTAINERS, open_movie),
    **dict.fromkeys(IMAGE_SUFFIXES, open_pictures),
}
"""What writes a file, by its suffix in lower case; a file with another suffix, or a folder, is for pictures alone."""


class HasInfo(Protocol):
    """A source, or anything else that says what frames are to come."""

    @property
    def info(self) -> SourceInfo:
        """The frames to come."""


def open_sink(spec: str | Path, source: HasInfo, **options: Any) -> Sink:
    """Open the sink that `spec` names for the frames of `source`.

    `window` is the live preview; it needs the options `controls=` (a `Renderer`) and `environ=os.environ`.
    `virtual-camera` is one that other programs see; it needs the option `size=` (width, height). A path that ends
    in .mp4, .mkv, .mov or .webm is a video; for pictures, one that ends in .png, .jpg and the like is a picture,
    and a folder is a folder of pictures. `options` go to the sink: see `WindowSink`, `VirtualCameraSink`,
    `MovieSink`, `ImageSink`.

    Raises UsageError where no sink fits, DisplayMissing where there is no display, SinkError where the place
    cannot be written, TypeError for an option that the sink does not have.
    """
    if isinstance(spec, str) and spec in WORDS:
        return WORDS[spec](**options)
    path = Path(spec)
    _refuse_depth_file(path)
    opener = SUFFIXES.get(path.suffix.lower(), open_pictures if source.info.kind == "image" else None)
    if opener is not None:
        return opener(path, source.info, **options)
    raise UsageError(
        f"nothing writes {str(spec)!r}",
        "name an .mp4, .mkv, .mov or .webm file, or for pictures a .png, .jpg, .webp, .bmp or .tif file or a folder",
    )


def _refuse_depth_file(path: Path) -> None:
    """Raise `UsageError` where `path` is a file that holds depth as numbers alone."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES or not suffix or path.is_dir():
        return
    from streamdepth.sinks.depth.choice import KINDS

    if suffix in KINDS:
        raise UsageError(f"{path} holds depth and no picture to look at", f"--depth-output {path} writes it")


def open_depth_sink(path: str | Path, source: HasInfo, options: DepthOptions | None = None) -> Sink:
    """Open the sink that writes depth itself: see `streamdepth.open_depth` for reading it back.

    `path` is a folder, which gets a file for each picture; for one image a .png, .tiff, .exr, .pfm, .npy or .npz; for a
    clip an .mkv, .npz or .npy. A folder is made where only its last part is missing; in it a file is named as its
    picture, or by its index (`000123.png`).

    Raises UsageError where one file is to hold several maps, `path` has another suffix, is the input, or does not go
    with the options; SinkError where the place cannot be written; DiskFull.
    """
    return open_depth_files(Path(path), source.info, options or DepthOptions())


def open_window(
    title: str,
    controls: Controls,
    *,
    environ: MutableMapping[str, str],
    **options: Any,
) -> Sink:
    """Open a `WindowSink`, whose keys turn `controls`; raises DisplayMissing where no window could be opened."""
    return open_preview(title=title, controls=controls, environ=environ, **options)
