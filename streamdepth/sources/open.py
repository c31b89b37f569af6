"""From a word, a number, a path or an address to its source: the registry of all kinds of input."""

from __future__ import annotations

from pathlib import Path

from streamdepth.addresses import RECORDED_SCHEMES, scheme_of
from streamdepth.protocols import Source
from streamdepth.sources.browser.open import BROWSER
from streamdepth.sources.camera.open import CAMERA
from streamdepth.sources.demo.open import DEMO
from streamdepth.sources.local import FILE_ADDRESS, PATH, holds_animation
from streamdepth.sources.options import Kind, SourceOptions, Spec
from streamdepth.sources.video.open import ADDRESS

KINDS: tuple[Kind, ...] = (CAMERA, DEMO, BROWSER, ADDRESS, FILE_ADDRESS, PATH)
"""The first kind that is meant opens an input; `PATH` takes the rest, and distinguishes files by `local.CONTENTS`."""


def open_source(spec: Spec, options: SourceOptions | None = None) -> Source:
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
    return _kind_of(spec).open(spec, options)


def check_source(spec: str, options: SourceOptions | None = None) -> None:
    """Find out what can be wrong with something that `open_source` is to open later.

    A file, a folder or a glob is opened for a moment. Of a camera it is looked whether it is there and may be opened,
    of an address only how it is written: both may be switched on later. Raises as `open_source` does.
    """
    options = options or SourceOptions()
    options.limit.check_wanted(options.size)
    _kind_of(spec).check(spec, options)


def files_of(spec: str) -> list[Path]:
    """What an input reads of this machine's disk: the file or the folder that is named first, then its pictures.

    Nothing for a camera, a word, or an address; a glob is all its pictures.
    """
    return _kind_of(spec).files(spec)


def is_animation(spec: str) -> bool:
    """Whether it is a file of pictures that follow each other in time, and no film: a GIF, an APNG, a WebP."""
    return any(holds_animation(path) for path in files_of(spec)[:1])


def is_live(spec: str) -> bool:
    """Whether it is live whatever it holds: a camera, a browser, or an address behind which no recording lies."""
    kind = _kind_of(spec)
    return kind in (CAMERA, BROWSER) or (kind is ADDRESS and scheme_of(spec) not in RECORDED_SCHEMES)


def may_be_live(spec: str) -> bool:
    """Whether it is a camera, a browser or an address, which may go on without end."""
    return _kind_of(spec) in (CAMERA, BROWSER, ADDRESS)


def is_read_as_pictures(spec: str) -> bool:
    """Whether what it gives is never depth, as a file may be."""
    return _kind_of(spec) in (CAMERA, DEMO, BROWSER, ADDRESS)


def _kind_of(spec: Spec) -> Kind:
    return next(kind for kind in KINDS if kind.is_meant(spec))
