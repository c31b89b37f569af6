"""`models export` and `models quantise`: from a model's name or weights file to a network file."""

from __future__ import annotations

import shutil
from pathlib import Path

from streamdepth.engine.convert import quantised
from streamdepth.engine.int8.build import refused
from streamdepth.engine.int8.calibration import Calibration
from streamdepth.engine.int8.store import Int8File
from streamdepth.engine.options import EngineOptions
from streamdepth.engine.runtimes.registry import find_backend, owner, with_int8
from streamdepth.engine.selection.check import check
from streamdepth.engine.selection.model import ChosenFile, ChosenModel, Notify, choose_model
from streamdepth.errors import UsageError
from streamdepth.files import check_output_folder, disk_errors, promote, resolved
from streamdepth.models.export.conversions import part_of
from streamdepth.models.export.formats import NetworkFormat, weights_file
from streamdepth.models.export.write import make_metadata, write_network
from streamdepth.models.networks.build import load_network
from streamdepth.models.weights.download import Progress


def export_model(
    model: str,
    output: Path,
    form: str | None = None,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
    precision: str = "fp32",
    calibration: Calibration | None = None,
    notify: Notify = lambda _line: None,
) -> Path:
    """Write the network of a model, or of a weights file, to `output`, and return that.

    `form` is `torchscript`, `onnx` or `openvino`; None takes it from the suffix of `output`. `progress` is called
    during a download, with the bytes so far and in all (or None). `precision` is `fp32`; `int8`, as ONNX or for
    OpenVINO, calibrated on the package's pictures and those of `calibration`; or `bf16`, for OpenVINO: half the size.
    `notify` gets a line for each step that takes a moment. Raises `UsageError` for names that do not exist or do
    not fit together, `WeightsError` and `ModelError` as `load_engine` does, and `SinkError` where `output` cannot be
    written.
    """
    target = _format(output, form)
    _check_precision(precision, target, output)
    options = EngineOptions(model, precision=precision, cache_dir=cache_dir)
    chosen = _chosen(options, progress)
    if output.exists() and output.samefile(chosen.path):
        raise UsageError(f"{output} is the weights file itself", "name another --output")
    file = resolved(output)
    check_output_folder(file)
    with disk_errors(output):
        if precision == "int8":
            _copy(_int8(chosen, target, options, notify, calibration), file)
        else:
            network = load_network(chosen.card, chosen.path)
            half = precision == "bf16"
            write_network(target, network, file, make_metadata(chosen.card, chosen.sha256), half=half)
    return output


def quantise_model(
    model: str,
    runtime: str = "auto",
    cache_dir: Path | None = None,
    progress: Progress | None = None,
    calibration: Calibration | None = None,
    notify: Notify = lambda _line: None,
) -> Int8File:
    """Build a model in int8 for a runtime, in the cache, and return what came of it.

    `runtime` is `openvino`, `onnxruntime`, or `auto`: the first for which the packages are there. The other
    parameters and errors are those of `export_model`; raises `ModelError` where the network misses the budget, too.
    """
    options = EngineOptions(model, runtime=runtime, precision="int8", cache_dir=cache_dir)
    chosen = _chosen(options, progress)
    able = with_int8()
    if runtime != "auto":
        backend = find_backend(runtime)
    else:
        backend = next((backend for backend in able if backend.builds_int8), able[0])
    return _within_budget(quantised(chosen, backend, options, notify, calibration), chosen)


def _chosen(options: EngineOptions, progress: Progress | None) -> ChosenModel:
    check(options)
    chosen = choose_model(options, progress, lambda _line: None)
    if isinstance(chosen, ChosenFile):
        raise UsageError(f"{options.model} is a network file already", "name a model, or a weights file")
    return chosen


def _int8(
    chosen: ChosenModel,
    target: NetworkFormat,
    options: EngineOptions,
    notify: Notify,
    calibration: Calibration | None,
) -> Path:
    return _within_budget(quantised(chosen, owner(target), options, notify, calibration), chosen).path


def _within_budget(file: Int8File, chosen: ChosenModel) -> Int8File:
    if not file.facts.within_budget:
        raise refused(file, chosen.card.name)
    return file


def _copy(path: Path, output: Path) -> None:
    """Copy a network file, whole or not at all."""
    if weights_file(path) != path:
        with part_of(weights_file(output)) as weights:
            shutil.copyfile(weights_file(path), weights)
            output.unlink(missing_ok=True)
            promote(weights, weights_file(output))
    with part_of(output) as part:
        shutil.copyfile(path, part)
        promote(part, output)


def _check_precision(precision: str, target: NetworkFormat, output: Path) -> None:
    known = owner(target).precisions
    if precision not in known:
        raise UsageError(
            f"{output.name} cannot hold {precision}", f"{target.value} files hold {' or '.join(known)}"
        )


def _format(output: Path, form: str | None) -> NetworkFormat:
    """The format asked for, which the name of the file must show."""
    for known in NetworkFormat:
        if form in (None, known.value) and output.suffix.lower() == known.suffix:
            return known
    if output.is_dir():
        raise UsageError(f"the output {output} is a folder", "name a file in it, such as network.onnx")
    there = ", ".join(f"{known.value} ({known.suffix})" for known in NetworkFormat)
    what = (
        f"{output.name} is not a name for a network file"
        if form is None
        else f"{output.name} cannot hold {form}"
    )
    raise UsageError(what, f"the formats are {there}")
