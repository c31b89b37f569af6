"""`models export`: from a model's name or weights file to a network file."""

from __future__ import annotations

from pathlib import Path

from streamdepth.engine.choose import ChosenFile, check, choose_model
from streamdepth.engine.engine import EngineOptions
from streamdepth.errors import SinkError, UsageError
from streamdepth.models._download import Progress
from streamdepth.models.export import make_label, write_network
from streamdepth.models.formats import NetworkFormat
from streamdepth.models.networks import load_network


def export_model(
    model: str,
    output: Path,
    form: str | None = None,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write the network of a model, or of a weights file, to `output`, and return that.

    `form` is `torchscript`, `onnx` or `openvino`; None takes it from the suffix of `output`. `progress` is told of a
    download: bytes there are, bytes there will be (or None). Raises `UsageError` for names that do not exist or do
    not fit together, `WeightsError` and `ModelError` as `load_engine` does, and `SinkError` where `output` cannot be
    written.
    """
    target = _format(output, form)
    options = EngineOptions(model, cache_dir=cache_dir)
    check(options)
    chosen = choose_model(options, progress, lambda _line: None)
    if isinstance(chosen, ChosenFile):
        raise UsageError(f"{model} is a network file already", "name a model, or a weights file")
    if output.exists() and output.samefile(chosen.path):
        raise UsageError(f"{output} is the weights file itself", "name another --output")
    network = load_network(chosen.card, chosen.path)
    try:
        write_network(target, network, output, make_label(chosen.card, chosen.sha256))
    except OSError as error:
        raise SinkError(
            f"{output} cannot be written: {error.strerror or error}",
            "name a file in a folder you can write to",
        ) from error
    return output


def _format(output: Path, form: str | None) -> NetworkFormat:
    """The format asked for, which the name of the file must show."""
    for known in NetworkFormat:
        if form in (None, known.value) and output.suffix == known.suffix:
            return known
    there = ", ".join(f"{known.value} ({known.suffix})" for known in NetworkFormat)
    what = (
        f"{output.name} is no name for a network file"
        if form is None
        else f"{output.name} cannot hold {form}"
    )
    raise UsageError(what, f"the formats are {there}")
