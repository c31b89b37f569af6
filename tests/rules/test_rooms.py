"""What a room may look like: names that say what is inside, lists of names without logic, processes in few places."""

import ast

from places import REPOSITORY

PACKAGE = REPOSITORY / "streamdepth"
STARTS_PROCESSES = {"diagnosis/runtimes.py", "cli/commands/bench_candidate.py"}
"""Measurements, each in a process of its own."""
LISTS_NAMES = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign)
LONGEST_FILE = 350


def modules():
    return {str(path.relative_to(PACKAGE)): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


def test_no_module_hides_behind_an_underscore():
    names = [name for name in modules() if not name.endswith(("__init__.py", "__main__.py"))]
    assert [name for name in names if name.split("/")[-1].startswith("_")] == []


def test_an_init_hands_names_on_and_holds_no_logic():
    """But for the package's own, which loads each name when it is asked for."""
    inits = {name: ast.parse(text) for name, text in modules().items() if name.endswith("/__init__.py")}
    assert [
        name for name, tree in inits.items() if not all(isinstance(n, LISTS_NAMES) for n in tree.body)
    ] == []


def test_processes_are_started_in_few_places():
    starters = {
        name for name, text in modules().items() if "import subprocess" in text or "multiprocessing" in text
    }
    assert starters == STARTS_PROCESSES


def test_no_file_is_too_long_to_be_read_at_once():
    assert {name: n for name, text in modules().items() if (n := text.count("\n")) > LONGEST_FILE} == {}
