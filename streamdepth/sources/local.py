"""Files and folders of this machine: recognised by their content; errors for those that do not exist."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.addresses import local_path, mistake_in_path, scheme_of
from streamdepth.errors import SourceError, SourceMissing, Trouble
from streamdepth.files import not_readable
from streamdepth.protocols import Source
from streamdepth.sources.depth.open import is_depth_set, open_depth_set
from streamdepth.sources.images.open import (
    is_other_animation,
    is_picture,
    is_sequence,
    is_webp_animation,
    open_animation,
    open_picture,
    open_pictures,
    open_webp_animation,
)
from streamdepth.sources.options import Kind, SourceOptions, Spec
from streamdepth.sources.video.open import open_video

if TYPE_CHECKING:
    from streamdepth.sources.images.image_head import ImageHead

CONTENTS: tuple[
    tuple[Callable[[Path, ImageHead | None], bool], Callable[[Path, SourceOptions], Source]], ...
] = (
    (is_depth_set, open_depth_set),
    (lambda path, _head: not path.is_file(), open_pictures),
    (is_webp_animation, open_webp_animation),
    (is_sequence, open_video),
    (is_other_animation, open_animation),
    (is_picture, open_picture),
    (lambda _path, _head: True, open_video),
)
"""What a path may hold, and what opens it: the first that fits.

By its content, as far as it is an image: a name may end in anything, and an animation in the same letters as a photo.
"""


def open_path(spec: Spec, options: SourceOptions) -> Source:
    """Open what a path holds, or the pictures that a pattern matches; raises as `open_source` does."""
    from streamdepth.sources.images.image_file import head_of

    path = _checked(str(spec))
    head = head_of(path) if path.is_file() else None
    opener = next(opener for fits, opener in CONTENTS if fits(path, head))
    return opener(path, options)


def files_of_path(spec: Spec) -> list[Path]:
    """The file or folder itself, where it is one, then the pictures in it or those that a pattern matches."""
    from streamdepth.sources.images.picture_files import find_pictures, is_pattern

    path = Path(str(spec)).expanduser()
    try:
        if not path.exists() and not is_pattern(str(spec)):
            return [path]
        pictures = find_pictures(path)
    except (SourceError, PermissionError):  # `open_path` says so
        pictures = []
    return [path, *(picture for picture in pictures if picture != path)]


def is_still(path: Path) -> bool:
    """Whether a file holds one picture, as far as its content says; else it is read as a film."""
    from streamdepth.sources.images.image_file import head_of

    return is_picture(path, head_of(path))


def holds_animation(path: Path) -> bool:
    """Whether a file holds pictures that follow each other in time, as far as its content says, and is no film."""
    from streamdepth.sources.images.image_file import head_of

    head = head_of(path) if path.is_file() else None
    return head is not None and head.animated


def _checked(text: str) -> Path:
    """The path, which is there or is a pattern."""
    from streamdepth.sources.images.picture_files import is_pattern

    path = Path(text).expanduser()
    _refuse_closed(path)
    try:
        exists = path.exists()
    except (OSError, ValueError) as error:  # a name that no file may have
        raise SourceMissing(f"there is no file or folder {text}", "check the path") from error
    if not exists and (mistake := mistake_in_path(text)):
        raise SourceMissing(mistake.what, mistake.cure, Trouble.KIND_OF_ADDRESS)
    if not exists and path.is_symlink():
        raise SourceMissing(f"{text} is a link to {path.readlink()}, which is not there", "check the link")
    if not exists and not is_pattern(text):
        raise SourceMissing(f"there is no file or folder {text}", _advice(path))
    return path


def _refuse_closed(path: Path) -> None:
    """Raise `SourceError` where this user may not look: from Python 3.14 on such a path does not `exist`."""
    try:
        path.stat()
    except PermissionError as error:
        raise not_readable(path, error) from error
    except (OSError, ValueError):
        return


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


def _check(spec: Spec, options: SourceOptions) -> None:
    open_path(spec, options).close()


def _open_file_address(spec: Spec, options: SourceOptions) -> Source:
    """As the path that is meant; of what is not there FFmpeg says what is wrong with the address."""
    path = local_path(str(spec))
    return open_path(path, options) if path is not None and _is_there(path) else open_video(spec, options)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file may have
        return False


def _check_file_address(spec: Spec, options: SourceOptions) -> None:
    _open_file_address(spec, options).close()


def _file_of_address(spec: Spec) -> list[Path]:
    path = local_path(str(spec))
    return [] if path is None else files_of_path(path)


FILE_ADDRESS = Kind(
    lambda spec: scheme_of(str(spec)) == "file", _open_file_address, _check_file_address, _file_of_address
)
PATH = Kind(lambda _spec: True, open_path, _check, files_of_path)
