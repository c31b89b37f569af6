"""What the registry says of the backends, and that adding one is enough for all who ask."""

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import streamdepth
from streamdepth.engine import EngineOptions
from streamdepth.engine.backend import PRECISIONS, Backend
from streamdepth.engine.runtimes import registry
from streamdepth.engine.runtimes.registry import (
    BACKENDS,
    BY_SPEED,
    find_backend,
    openvino_has_bf16,
    owner,
    runners,
    with_int8,
)
from streamdepth.engine.selection.model import ChosenFile
from streamdepth.engine.selection.ways import Way, possible_ways
from streamdepth.errors import UsageError
from streamdepth.machine import Processor
from streamdepth.models.export.formats import NetworkFormat

PACKAGE = Path(streamdepth.__file__).parent
BY_NAME = ("engine/runtimes/", "engine/int8/", "models/export/", "packages.py", "diagnosis/machine.py")
"""Where a runtime may be called by its name: its own module, its quantiser, its format, and the list of packages."""


def names(found):
    return [backend.name for backend in found]


def test_backends_are_listed_in_one_order_and_ranked_in_another():
    assert names(BACKENDS) == ["torch", "torchscript", "onnxruntime", "openvino"]
    assert names(BY_SPEED) == ["openvino", "onnxruntime", "torch", "torchscript"]


@pytest.mark.parametrize("backend", BACKENDS, ids=names(BACKENDS))
def test_each_backend_computes_in_fp32_anywhere_and_in_known_precisions(backend):
    assert backend.computes("fp32")
    assert set(backend.precisions) <= set(PRECISIONS)
    assert ("int8" in backend.precisions) == (backend.quantiser is not None)


def test_a_name_that_is_not_there_is_answered_with_those_that_are():
    assert find_backend("openvino").name == "openvino"
    with pytest.raises(
        UsageError, match=r"no engine 'tpu' \(there are auto, torch, torchscript, onnxruntime, op"
    ):
        find_backend("tpu")


def test_each_format_has_its_owner_and_its_runners():
    assert {form: owner(form).name for form in NetworkFormat} == {
        NetworkFormat.TORCHSCRIPT: "torchscript",
        NetworkFormat.ONNX: "onnxruntime",
        NetworkFormat.OPENVINO: "openvino",
    }
    assert names(runners(NetworkFormat.ONNX)) == ["openvino", "onnxruntime"]
    assert names(runners(NetworkFormat.OPENVINO)) == ["openvino"]
    assert names(with_int8()) == ["openvino", "onnxruntime"]


def test_a_backend_that_is_added_is_asked_like_the_others(monkeypatch, tmp_path):
    mine = replace(find_backend("onnxruntime"), name="mine", package="numpy", rank=-1)
    monkeypatch.setattr(registry, "BACKENDS", (*BACKENDS, mine))
    monkeypatch.setattr(registry, "BY_SPEED", (mine, *BY_SPEED))
    file = ChosenFile(tmp_path / "net.onnx", NetworkFormat.ONNX, "ab" * 32, "auto")
    assert Way("mine", "fp32") == possible_ways(EngineOptions(precision="fp32"), file)[0]
    with pytest.raises(UsageError, match=r"there are auto, .*openvino, mine"):
        find_backend("tpu")


def test_nothing_else_calls_a_backend_by_its_name():
    found = [
        f"{place}: {node.value}"
        for path in PACKAGE.rglob("*.py")
        if not (place := path.relative_to(PACKAGE).as_posix()).startswith(BY_NAME)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in names(BACKENDS)
    ]
    assert found == []


def test_asking_the_registry_loads_no_runtime():
    probe = (
        "import sys\nfrom streamdepth.engine.runtimes import registry\n"
        "print([b.package for b in registry.BACKENDS if b.package in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("flags", "has"),
    [({"avx2"}, False), ({"avx2", "avx512_bf16"}, True), ({"amx_bf16"}, True), ({"asimd", "bf16"}, False)],
)
def test_bf16_is_told_by_the_processor_and_only_where_openvino_is(flags, has, monkeypatch):
    processor = Processor("a processor", frozenset(flags))
    monkeypatch.setattr(Backend, "is_installed", True)
    assert openvino_has_bf16(processor) is has
    assert not openvino_has_bf16(Processor("unknown", None))
    monkeypatch.setattr(Backend, "is_installed", False)
    assert not openvino_has_bf16(processor)
