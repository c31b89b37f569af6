"""What Python programs call: a network that takes whatever holds a picture, and the depth of a whole input."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from fractions import Fraction
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from streamdepth.addresses import is_remote, redact_address
from streamdepth.engine import Engine, EngineOptions
from streamdepth.engine import load_engine as load_any_engine
from streamdepth.errors import StageStuck, UsageError, ViewerLeft
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered
from streamdepth.pipeline import Limits, Pipeline
from streamdepth.pixels import BGRImage
from streamdepth.protocols import Source
from streamdepth.threads.handoff import Ended, Handoff
from streamdepth.threads.worker import Worker
from streamdepth.values import dataclass, field

if TYPE_CHECKING:
    from streamdepth.depthfiles.open import DepthFiles

LOOK = 0.2
"""Seconds between two checks for Ctrl-C while no depth comes."""
LEAVE = 10.0
"""Seconds that a stream is given to close everything."""
_MOST_WAITING = 4
"""Depth maps of a file that may wait to be taken."""


def load_engine(
    model: str | PathLike[str] = "auto",
    weights: str | PathLike[str] | None = None,
    engine: str = "auto",
    precision: str = "auto",
    size: int = 256,
    threads: int | None = None,
    cache_dir: str | PathLike[str] | None = None,
    progress: Callable[[int, int | None], None] | None = None,
    notify: Callable[[str], None] | None = None,
    normalisation: str | None = None,
    *,
    depth_kind: str | None = None,
    runtime: str | None = None,
) -> Engine:
    """Load a network, ready to run; fetches and converts it first where that is needed.

    `model` is `auto`, `midas-small`, `nano` or the path of a file: of weights, or of a network with its graph (ONNX,
    OpenVINO, or a TorchScript file of `models export`, which is a program: run only what you trust). `weights` is
    such a path, too. `engine` is `auto`, `torch`, `torchscript`, `onnxruntime` or `openvino`, and `precision` `auto`,
    `fp32`, `int8` or, on OpenVINO and a processor that has it, `bf16`, as on the command line. Where one is `auto`,
    what there is here is measured once for a model, size and machine, and remembered; what is not float32 is taken
    only where 99 % of pixels agree with float32. int8 is among it once it was built (`streamdepth models quantise`);
    asked for by name, it is built first. `size` is the longer side of the network's input in pixels, `threads` how
    many work on one picture, `cache_dir` where downloads and conversions are kept. `normalisation` is for network
    files of others: `imagenet`, `half`, `none`, or six numbers, the means and then the deviations; so is `depth_kind`,
    what they give: `relative` (inverse depth, the default), `inverse` (1 / metres), `distance` or `metres`. `progress`
    gets the bytes of a download so far and in total (or None); `notify` gets a line on which model `auto` is, and
    one where a conversion takes a moment. `runtime` is what `engine` was called before.

    Warns where `auto` becomes the smaller network for want of weights. Raises `UsageError` for a name or value that
    does not exist or an engine that cannot run the file, `WeightsError` for weights that cannot be had or are not the
    model's, `ModelError` for anything else.
    """
    if runtime is not None:
        warnings.warn(
            "load_engine(runtime=...) is now load_engine(engine=...)", DeprecationWarning, stacklevel=2
        )
        engine = runtime
    options = EngineOptions(
        str(model),
        _path(weights),
        engine,
        precision,
        size,
        threads,
        _path(cache_dir),
        normalisation,
        depth_kind,
    )
    loaded = load_any_engine(options, progress, notify)
    loaded.read_picture = _read_picture
    if str(model) == "auto" and weights is None and loaded.name == "nano":
        warnings.warn(
            "midas-small is not here, so this is the smaller network nano (fetch the other with "
            "'streamdepth models fetch midas-small', or say model='nano')",
            stacklevel=2,
        )
    return loaded


def stream(
    source: str | int | PathLike[str] | Source,
    engine: Engine | None = None,
    *,
    model: str = "auto",
    limits: Limits | None = None,
) -> DepthStream:
    """The depth of each picture of an input: `for depth in streamdepth.stream("clip.mp4")`.

    `source` is whatever `open_source` takes, or what it gives; `engine` is what `load_engine` gives, by default for
    `model`. Of a file every picture comes, in order; of a camera or a network address the newest, and those that came
    while the loop was busy are left out. `depth.frame` is the picture. `limits` end it sooner.
    As long as it runs, `engine` belongs to it.

    All is opened when the first depth is asked for, and closed at the end, when the loop is left, or by `close`; the
    errors of `open_source`, `load_engine` and of the run are raised by the loop.
    """
    return DepthStream(_depths(source, engine, model, limits))


def open_depth(path: str | PathLike[str]) -> DepthFiles:
    """Open depth that `--depth-output` wrote, in any of its forms: `for depth in streamdepth.open_depth("depth.mkv")`.

    `path` is a folder of files, a file of one map, or a film or an archive of a whole clip; its index is found by
    itself. It may be gone through as often as wanted, has a `len`, and each `DepthMap` has `values`, `meaning` and
    `pts`. Raises SourceMissing where there is no such path, SourceError where it is no depth of ours, or damaged.
    """
    from streamdepth.depthfiles.open import open_depth as open_files

    return open_files(path)


@dataclass(frozen=True, eq=False)
class DepthOfFrame(DepthMap):
    """A `DepthMap` that has its picture and its time, as each that `streamdepth.stream` gives."""

    frame: Frame = field(kw_only=True, repr=False)
    """What it is the depth of."""
    pts: Fraction = field(kw_only=True)
    """Timestamp of its picture in seconds, exact."""


class DepthStream(Iterator[DepthOfFrame]):
    """Depth maps one after the other, each with its `frame`; also a context that closes everything."""

    def __init__(self, depths: Generator[DepthOfFrame]) -> None:
        self._depths = depths

    def __next__(self) -> DepthOfFrame:
        """Wait for the next; raises what went wrong with the input or the network."""
        return next(self._depths)

    def close(self) -> None:
        """End it and close the input; may be called again."""
        self._depths.close()

    def __enter__(self) -> DepthStream:
        """The stream itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def _depths(
    source: str | int | PathLike[str] | Source, engine: Engine | None, model: str, limits: Limits | None
) -> Generator[DepthOfFrame]:
    opened = _opened(source)
    try:
        outlet = _Outlet(live=opened.info.live)
        pipeline = Pipeline(opened, engine or load_engine(model), _as_it_is, limits=limits)
    except BaseException:
        opened.close()
        raise
    # Not a method of something that the stream refers to: a loop that is left lets go of the stream, which closes it.
    worker = Worker("stream", lambda: _run(pipeline, outlet), on_error=outlet.end)
    worker.start()
    try:
        while (estimate := outlet.take()) is not None:
            yield _with_frame(estimate)
        worker.join(LEAVE)
        if worker.error is not None:
            raise worker.error
    finally:
        pipeline.stop()
        outlet.leave()
        with suppress(StageStuck):  # what hangs in a foreign call is left behind
            worker.join(LEAVE)


def _with_frame(estimate: Estimate) -> DepthOfFrame:
    return DepthOfFrame(**vars(estimate.depth) | {"frame": estimate.frame, "pts": estimate.frame.pts})


def _opened(source: str | int | PathLike[str] | Source) -> Source:
    from streamdepth.sources import open_source

    if isinstance(source, PathLike):
        return open_source(Path(source))
    return open_source(source) if isinstance(source, str | int) else source


def _run(pipeline: Pipeline, outlet: _Outlet) -> None:
    pipeline.run([outlet])


def _as_it_is(estimate: Estimate) -> Rendered:
    return Rendered(estimate, estimate.frame.picture)


class _Outlet:
    """A sink out of which estimates are taken, one by one."""

    def __init__(self, *, live: bool) -> None:
        self._waiting: Handoff[Estimate] = (
            Handoff(1, when_full="drop-oldest") if live else Handoff(_MOST_WAITING, when_full="wait")
        )

    def write(self, rendered: Rendered) -> None:
        """Hand on an estimate; raises `ViewerLeft` once nobody takes any more."""
        if not rendered.is_stand_in and not self._waiting.put(rendered.estimate):
            raise ViewerLeft

    def close(self, *, complete: bool = True) -> None:
        """No more comes."""
        self._waiting.close()

    def end(self, _error: BaseException) -> None:
        """The same, when the run did not come to its end."""
        self._waiting.close()

    def take(self) -> Estimate | None:
        """Wait for the next; None at the end."""
        while True:
            try:
                return self._waiting.get(LOOK)
            except TimeoutError:
                continue
            except Ended:
                return None

    def leave(self) -> None:
        """Take no more."""
        self._waiting.abandon()


def _path(given: str | PathLike[str] | None) -> Path | None:
    return None if given is None else Path(given)


def _read_picture(path: str) -> BGRImage:
    from streamdepth.sources.images.image_file import read_image

    if is_remote(path):
        raise UsageError(f"{redact_address(path)} is an address, not a file", "use streamdepth.stream for it")
    return read_image(Path(path)).image
