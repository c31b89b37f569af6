"""A module that holds logic has a test of its name: whoever changes it finds what it must still do."""

import ast
from pathlib import Path

from places import REPOSITORY

PACKAGE = REPOSITORY / "streamdepth"
TESTS = ("unit", "integration", "system")
LEAST = 0.8
"""Share of the modules with logic."""


def holds_logic(path: Path) -> bool:
    """Whether a function in it does more than return a value: protocols, plain values and lists of names do not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return path.name not in ("__init__.py", "__main__.py") and any(_works(node) for node in functions)


def _works(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    body = [
        node
        for node in function.body
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant)
    ]
    return len(body) > 1 or any(not isinstance(node, ast.Return | ast.Pass) for node in body)


def has_test(path: Path) -> bool:
    """Whether a test of its name stands in a folder of its name, or of one above it."""
    relative = path.relative_to(PACKAGE)
    folders = [relative.parent, *relative.parent.parents]
    return any(
        (REPOSITORY / "tests" / kind / folder / f"test_{relative.stem}.py").is_file()
        for kind in TESTS
        for folder in folders[:2]
    )


def test_most_modules_with_logic_have_a_test_of_their_name():
    modules = [path for path in sorted(PACKAGE.rglob("*.py")) if holds_logic(path)]
    without = [str(path.relative_to(PACKAGE)) for path in modules if not has_test(path)]
    assert len(without) <= (1 - LEAST) * len(modules), f"{len(without)} of {len(modules)}: {without}"
