"""Who may import whom: docs/design and CONTRIBUTING say why. One case a rule; a failure names every offender."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from places import REPOSITORY

PACKAGE = REPOSITORY / "streamdepth"
FLOORS = (
    ("values",),
    (
        "errors",
        "pixels",
        "heap",
        "backoff",
        "said_once",
        "counted",
        "key_like",
        "visible",
        "times",
        "no_redirects",
        "login",
    ),
    ("frames", "files", "addresses", "machine", "packages", "connecting"),
    ("protocols", "pixel_limit"),
    ("threads", "imaging"),
    ("ffmpeg", "quiet"),
    ("depthfiles", "zones", "delivery"),
    ("sessions",),
    ("models",),
    ("sources", "engine", "rendering", "sinks"),
    ("pipeline", "inference", "metres", "promise"),
    ("live", "http"),
    ("webrtc", "pages"),
    ("publishing",),
    ("viewers",),
    ("reporting",),
    ("evaluation", "api", "diagnosis", "client"),
    ("training",),
    ("__init__",),
    ("resuming", "proof"),
    ("run",),
    ("cluster",),
    ("batch", "server"),
    ("cameras",),
    ("cli",),
    ("__main__",),
)
"""The rooms, from the ground up: a module imports rooms below its own only, those of its floor excepted never."""
NEIGHBOURS: frozenset[str] = frozenset()
"""Rooms that may import rooms of their own floor."""
SEES_PROTOCOLS_ONLY = {"pipeline"}
THREADS = {"threads"}
EVENT_LOOPS = {"client", "http", "server", "viewers", "webrtc", "publishing", "sources"}
NOT_LIVE = {
    "fastapi",
    "pydantic",
    "prometheus_client",
    "rich.console",
    "tomllib",
    "streamdepth.delivery.webhook",
    "streamdepth.resuming.resumable_output",
    "streamdepth.sessions.lines",
    "streamdepth.promise.keeper",
    "streamdepth.depthfiles.stacked_film",
}
"""What a live run with a page does without until somebody asks for it: all take time before the first picture."""
HEAVY = ("torch", "torchvision", "openvino", "onnxruntime", "aiortc")
CALL_HOME = {"onnxruntime", "openvino", "nncf"}


def room(module: str) -> str:
    """The room of a dotted name of ours: `streamdepth.sources.video.source` is in `sources`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def module_of(path: Path) -> str:
    """The dotted name of a file of ours."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def imported(tree: ast.AST) -> Iterator[str]:
    """Every dotted name that is imported anywhere below a node, with what is taken from a package as part of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


TREES = {
    module_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))
}
IMPORTS = {module: set(imported(tree)) for module, tree in TREES.items()}


def ours(names: set[str]) -> set[str]:
    """The modules of ours among imported names: `streamdepth.frames.Frame` is `streamdepth.frames`."""
    found = set()
    for name in names:
        parts = name.split(".")
        if parts[0] != "streamdepth":
            continue
        while len(parts) > 1 and ".".join(parts) not in TREES:
            parts.pop()
        found.add(".".join(parts) if len(parts) > 1 else "streamdepth.__init__")
    return found


def climbs(here: str, there: str) -> bool:
    """Whether an import of one room by another goes against the floors."""
    level = {name: floor for floor, names in enumerate(FLOORS) for name in names}
    if here == there:
        return False
    return level[there] > level[here] or (level[there] == level[here] and here not in NEIGHBOURS)


def test_every_room_has_its_floor():
    known = [name for names in FLOORS for name in names]
    assert sorted(known) == sorted({room(module) for module in TREES})


def test_contributing_names_every_room():
    named = set(re.findall(r"`(\w+)/?`", (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    rooms = {name for names in FLOORS for name in names if not name.startswith("__")}
    assert sorted(rooms - named) == []


def test_imports_point_down_the_floors():
    against = [
        f"{module} imports {wanted}"
        for module, names in IMPORTS.items()
        for wanted in ours(names)
        if climbs(room(module), room(wanted))
    ]
    assert against == []


def circle(trees: dict[str, ast.Module]) -> list[str]:
    """The first circle of imports, from a module to itself; those inside functions count as well."""
    graph = {module: ours(set(imported(tree))) - {module} for module, tree in trees.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_imports_go_in_a_circle():
    assert circle(TREES) == []


@pytest.mark.parametrize("before", ["", "def later():\n    "])
def test_a_circle_of_imports_would_be_found(before):
    back = f"{before}from streamdepth.models.registry import find_card"  # which imports errors
    errors = ast.parse(f"{ast.unparse(TREES['streamdepth.errors'])}\n{back}")
    assert "streamdepth.errors" in circle(TREES | {"streamdepth.errors": errors})


def test_the_pipeline_sees_protocols_only():
    stages = {"sources", "engine", "rendering", "sinks", "models"}
    seen = {
        m: {room(w) for w in ours(n)} & stages for m, n in IMPORTS.items() if room(m) in SEES_PROTOCOLS_ONLY
    }
    assert {module: rooms for module, rooms in seen.items() if rooms} == {}


def users_of(*packages: str) -> set[str]:
    """The rooms in which one of the packages is imported."""
    return {
        room(module)
        for module, names in IMPORTS.items()
        if {name.split(".")[0] for name in names} & set(packages)
    }


def test_threads_are_at_home_in_one_room():
    assert users_of("threading", "queue", "concurrent", "_thread") <= THREADS


def test_event_loops_run_in_few_rooms():
    assert users_of("asyncio") <= EVENT_LOOPS


def test_a_run_knows_neither_the_words_nor_the_terminal():
    """A job that comes by HTTP builds the same spec as the command line, and has no terminal."""
    assert {"run", "reporting"} & users_of("cyclopts", "argparse") == set()
    assert "run" not in users_of("rich")


def surroundings_touched(tree: ast.AST) -> set[str]:
    """What a module does that only the command line may: read the environment, print."""
    names = {f"os.{name}" for name in ("environ", "environb", "getenv", "getenvb", "putenv", "unsetenv")}
    dotted = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return (names & (dotted | set(imported(tree)))) | ({"print"} & called)


def test_the_environment_is_read_and_results_are_printed_by_the_command_line_alone():
    touched = {module: surroundings_touched(tree) for module, tree in TREES.items()}
    allowed = {"streamdepth.quiet"}  # it keeps libraries from calling home around their import
    found = {m: what for m, what in touched.items() if what and room(m) != "cli" and m not in allowed}
    assert found == {}


def test_what_would_call_home_is_imported_quietly():
    """So `streamdepth.quiet.import_quietly` is the one way in."""
    assert users_of(*CALL_HOME) == set()


def test_nothing_downloads_from_a_hub_and_pickles_stay_shut():
    said = ("torch.hub", "weights_only=False", "pretrained=True")
    found = [
        (str(path), word)
        for path in PACKAGE.rglob("*.py")
        for word in said
        if word in path.read_text("utf-8")
    ]
    assert found == []


def heavy_after(code):
    probe = f"{code}\nimport sys\nprint(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.split("\n")[-2]


def test_importing_streamdepth_loads_nothing_heavy():
    assert heavy_after("import streamdepth") == ""


def test_a_run_is_there_without_the_command_line():
    probe = (
        "import streamdepth.run.run, sys\n"
        "print([m for m in ('cyclopts', 'rich', 'streamdepth.cli') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"


def test_help_loads_nothing_heavy():
    code = (
        "import contextlib, io\n"
        "from streamdepth.cli.app import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main(['--help'])"
    )
    assert heavy_after(code) == ""


def test_a_live_run_loads_what_it_needs_alone():
    code = (
        "import contextlib, sys\n"
        "from streamdepth.cli.app import main\n"
        "words = '--input demo --model nano --engine onnxruntime --webrtc --port 0 --frames 1'\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main(words.split())\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=True
    )
    loaded = set(done.stdout.split("\n")[-2].split())
    assert {"starlette.routing", "streamdepth.viewers.service", "onnxruntime"} <= loaded
    assert loaded & NOT_LIVE == set()
