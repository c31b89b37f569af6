"""The rules of docs and CONTRIBUTING about who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "streamdepth"
BASE = {"pixel_limit", "errors", "files", "frames", "pixels", "stages"}
ALLOWED = {
    "errors": set(),
    "pixel_limit": {"errors", "frames"},
    "file_lock": set(),
    "files": {"errors", "file_lock"},
    "frames": {"pixels"},
    "pixels": set(),
    "stages": {"frames", "pixels"},
    "pipeline": BASE,
    "ffmpeg": BASE,
    "sources": BASE | {"addresses", "ffmpeg", "pipeline"},
    "models": BASE | {"quiet"},
    "engine": BASE | {"models", "quiet"},
    "rendering": BASE,
    "sinks": BASE | {"addresses", "ffmpeg", "pipeline"},
    "evaluation": BASE | {"models", "engine", "pipeline"},
    "training": BASE | {"models", "evaluation"},
    "service": BASE
    | {"addresses", "heap", "pipeline", "sources", "models", "engine", "rendering", "sinks", "evaluation"},
    "web": BASE | {"engine", "options", "pipeline", "rendering", "service", "sinks", "sources"},
    "publishing": BASE | {"service", "sinks"},
    "addresses": set(),
    "heap": set(),
    "quiet": set(),
    "config_file": {"addresses"},
    "logs": {"addresses"},
    "service_manager": set(),
    "signals": {"logs", "pipeline"},
    "status": BASE | {"pipeline"},
    "diagnosis": BASE | {"models", "engine", "pipeline", "sources", "sinks", "addresses"},
    "onlookers": BASE | {"pipeline", "logs", "progress", "report", "service_manager", "status"},
    "open_page": {"pipeline", "sinks"},
    "api": BASE | {"addresses", "engine", "pipeline", "sources"},
    "option_values": set(),
    "options": {"errors", "logs", "option_values"},
    "places": {"errors"},
    "report": BASE | {"pipeline"},
    "progress": BASE | {"logs"},
    "loading": {"engine", "logs", "options", "progress"},
    "request": BASE | {"addresses", "options", "places", "report", "sinks", "sources"},
    "assembly": BASE
    | {"addresses", "pipeline", "sources", "rendering", "sinks", "options", "logs", "request"},
    "run": BASE
    | {
        "assembly",
        "engine",
        "heap",
        "loading",
        "logs",
        "onlookers",
        "open_page",
        "pipeline",
        "publishing",
        "addresses",
        "rendering",
        "report",
        "request",
        "service",
        "service_manager",
        "sinks",
        "web",
    },
    "commands": BASE
    | {
        "heap",
        "option_values",
        "options",
        "models",
        "engine",
        "evaluation",
        "training",
        "pipeline",
        "sources",
        "rendering",
        "sinks",
        "progress",
        "report",
        "loading",
        "logs",
        "places",
        "diagnosis",
        "addresses",
        "streamdepth",
    },
    "cli": BASE
    | {
        "addresses",
        "run",
        "request",
        "options",
        "pipeline",
        "commands",
        "config_file",
        "logs",
        "signals",
        "streamdepth",
    },
    "__main__": {"cli"},
    "__init__": BASE | {"api", "pipeline", "sources", "engine", "rendering", "sinks"},
}
PIPELINE_PARTS_FOR_STAGES = {"worker", "handoff"}
HEAVY = ("torch", "torchvision", "openvino", "onnxruntime", "aiortc")
FILES = sorted(PACKAGE.rglob("*.py"))


def place(path):
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def ours(path):
    return [name.split(".") for name in imports(path) if name.split(".")[0] == "streamdepth"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_up_the_table(path):
    here = place(path)
    wanted = {name[1] if len(name) > 1 else "streamdepth" for name in ours(path)} - {here}
    assert wanted <= ALLOWED[here], f"{here} may not import {sorted(wanted - ALLOWED[here])}"


@pytest.mark.parametrize("path", [f for f in FILES if place(f) in ("sources", "sinks")], ids=lambda p: p.name)
def test_stages_use_of_the_pipeline_only_its_worker_and_hand_over(path):
    parts = {name[2] if len(name) > 2 else "pipeline" for name in ours(path) if name[1:2] == ["pipeline"]}
    assert parts <= PIPELINE_PARTS_FOR_STAGES


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_threads_are_at_home_in_the_pipeline(path):
    used = {name.split(".")[0] for name in imports(path)}
    if place(path) != "pipeline":
        assert not used & {"threading", "queue", "concurrent", "_thread"}
    if place(path) not in ("service", "sources"):
        assert "asyncio" not in used


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_downloads_from_a_hub_and_pickles_stay_shut(path):
    text = path.read_text(encoding="utf-8")
    assert "torch.hub" not in text
    assert "weights_only=False" not in text
    assert "pretrained=True" not in text


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_what_would_call_home_is_imported_quietly(path):
    """So `streamdepth.quiet.import_quietly` is the one way in."""
    assert not {"onnxruntime", "openvino", "nncf"} & {name.split(".")[0] for name in imports(path)}


def heavy_after(code):
    probe = f"{code}\nimport sys\nprint(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.split("\n")[-2]


def test_importing_streamdepth_loads_nothing_heavy():
    assert heavy_after("import streamdepth") == ""


def test_help_loads_nothing_heavy():
    code = (
        "import contextlib, io\n"
        "from streamdepth.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main(['--help'])"
    )
    assert heavy_after(code) == ""
