"""`streamdepth models`: list, fetch and verify the networks' weights; export and quantise networks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from streamdepth.cli.option_groups import CACHE_DIR
from streamdepth.errors import UsageError, WeightsError
from streamdepth.run.places import Place, check_apart, network_files, reads, writes

if TYPE_CHECKING:
    from streamdepth.models.registry import ModelCard

app = App(
    name="models",
    help="List, fetch and verify the networks' weights; export and quantise networks.",
    help_epilogue="streamdepth models fetch midas-small gets the better depth; "
    "streamdepth models export nano --output nano.onnx writes a network for other programs.",
    help_format="plaintext",
)
Calibrate = Annotated[
    Path | None,
    Parameter(
        help="A video, an image, or a folder of images of your scene to calibrate int8 on as well.",
        show_default=False,
    ),
]
CacheDir = Annotated[
    Path | None,
    Parameter(help=CACHE_DIR, show_default=False),
]
Name = Annotated[str, Parameter(help="midas-small or nano.")]


@app.command(name="list")
def list_models(*, cache_dir: CacheDir = None) -> int:
    """Show the networks, their licences, and whether their weights are on this machine."""
    from streamdepth.engine.int8.store import int8_files
    from streamdepth.models.registry import find_card, model_names
    from streamdepth.models.weights.store import cached_weights

    for card in map(find_card, model_names()):
        where = "bundled" if card.bundled else cached_weights(card, cache_dir) or "not fetched"
        print(f"{card.name:<12} {card.summary} [{card.licence}]: {where}")
        for file in int8_files(card.name, cache_dir):
            used = "" if file.facts.within_budget else "; too little for --precision auto"
            print(f"  int8 for {file.runtime}: {file.facts}, calibrated on {file.facts.calibration}{used}")
    return 0


@app.command
def fetch(name: Name, *, cache_dir: CacheDir = None) -> int:
    """Download the weights of a network now, for use without internet later."""
    from streamdepth.cli.observer import ConsoleObserver
    from streamdepth.models.weights.store import find_weights
    from streamdepth.reporting.console import ErrorConsole
    from streamdepth.run.network.loading import word_of_loading

    card = _published(name)
    with word_of_loading(ConsoleObserver(ErrorConsole())) as word:
        print(find_weights(card, cache_dir, word.progress, retry=True))
    return 0


@app.command
def verify(name: Name, *, cache_dir: CacheDir = None) -> int:
    """Compare the SHA-256 of the weights on this machine with the published one."""
    from streamdepth.models.weights.store import (
        cached_weights,
        file_sha256,
        find_weights,
        verify_weights,
    )

    card = _published(name)
    if card.bundled:
        print(f"{name}: {file_sha256(find_weights(card))}, part of this installation")
        return 0
    path = cached_weights(card, cache_dir)
    if path is None:
        raise WeightsError(
            f"the weights of {name} are not here", f"streamdepth models fetch {name} gets them"
        )
    print(f"{name}: {verify_weights(path, card)}, as published")
    return 0


def _published(name: str) -> ModelCard:
    """The card of a network by its name; auto and files, which --model takes as well, have no published weights."""
    from streamdepth.models.registry import find_card, model_names

    if name not in (names := model_names()):
        raise UsageError(f"there are no published weights called '{name}'", f"name {' or '.join(names)}")
    return find_card(name)


@app.command
def export(
    model: Annotated[str, Parameter(help="midas-small, nano, or a weights file that you have.")],
    *,
    output: Annotated[
        Path, Parameter(help="The file to write: .onnx, .pt (TorchScript) or .xml (OpenVINO).")
    ],
    format: Annotated[
        str | None,
        Parameter(
            help="onnx, torchscript or openvino (default: what the file's name says).", show_default=False
        ),
    ] = None,
    precision: Annotated[
        str,
        Parameter(help="fp32; bf16: OpenVINO at half the size; int8: ONNX or OpenVINO, a minute of work."),
    ] = "fp32",
    calibrate: Calibrate = None,
    cache_dir: CacheDir = None,
) -> int:
    """Write a network, graph and weights, to a file that takes any input size; --model and other programs run it."""
    from streamdepth.cli.commands.calibration import calibration_of
    from streamdepth.cli.observer import ConsoleObserver
    from streamdepth.engine.export import export_model
    from streamdepth.reporting.console import ErrorConsole
    from streamdepth.reporting.events import OptionUnused
    from streamdepth.run.network.loading import word_of_loading

    check_apart(_places(model, calibrate, output))
    observe = ConsoleObserver(ErrorConsole())
    if calibrate is not None and precision != "int8":
        observe(OptionUnused("--calibrate", "--precision int8"))
        calibrate = None
    own = calibration_of(calibrate)
    with word_of_loading(observe) as word:
        print(export_model(model, output, format, cache_dir, word.progress, precision, own, word.notify))
    return 0


def _places(model: str, calibrate: Path | None, output: Path) -> Iterator[Place]:
    from streamdepth.sources import files_of

    yield from reads("MODEL", *network_files(model))
    yield from reads("--calibrate", *(files_of(str(calibrate)) if calibrate is not None else ()))
    beside = [output.with_suffix(".bin")] if output.suffix.lower() == ".xml" else []
    yield from writes("--output", output, *beside)


@app.command
def quantise(
    model: Annotated[str, Parameter(help="midas-small, nano, or a weights file that you have.")],
    *,
    engine: Annotated[
        str,
        Parameter(
            help="openvino or onnxruntime (default: the first that can be built here).", show_default=False
        ),
    ] = "auto",
    calibrate: Calibrate = None,
    cache_dir: CacheDir = None,
) -> int:
    """Build an int8 network, once; from then on --precision auto uses it where it is fastest.

    This takes up to 90 s. A network whose depth differs too much from float32 is rejected.
    """
    from streamdepth.cli.commands.calibration import calibration_of
    from streamdepth.cli.observer import ConsoleObserver
    from streamdepth.engine.export import quantise_model
    from streamdepth.reporting.console import ErrorConsole
    from streamdepth.run.network.loading import word_of_loading

    own = calibration_of(calibrate)
    with word_of_loading(ConsoleObserver(ErrorConsole())) as word:
        file = quantise_model(model, engine, cache_dir, word.progress, own, word.notify)
    print(f"{model} in int8 for {file.runtime}: {file.facts}")
    return 0
