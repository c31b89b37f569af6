#!/usr/bin/env python
"""Write docs/reference/command.md from --help and docs/reference/python.md from the docstrings.

    .venv/bin/python scripts/reference.py

Tests hold both pages up to date, and command.md is what they compare --help with: look at the difference that this
makes before you commit it.
"""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import streamdepth

PAGES = Path(__file__).resolve().parents[1] / "docs" / "reference"
COMMANDS = (
    (), ("completion",), ("doctor",), ("verify",), ("models",), ("models", "list"), ("models", "fetch"),
    ("models", "verify"), ("models", "export"), ("models", "quantise"), ("bench",), ("evaluate",), ("metres",),
    ("train",), ("serve",), ("worker",), ("health",),
)  # fmt: skip
COMMAND_INTRO = """# The command

What `--help` prints of each command. Made by `scripts/reference.py`.
"""
PYTHON_INTRO = """# The Python names

Everything that `import streamdepth` has, by the alphabet. Made from the docstrings by `scripts/reference.py`.
"""
Function = ast.FunctionDef | ast.AsyncFunctionDef


def help_of(command: tuple[str, ...]) -> str:
    """What a command prints for --help, 80 columns wide."""
    done = subprocess.run(
        [sys.executable, "-m", "streamdepth", *command, "--help"],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
        env={**os.environ, "COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"},
    )
    return done.stdout


def section_of(command: tuple[str, ...], said: str) -> str:
    """The part of command.md about a command."""
    return f"\n## {' '.join(('streamdepth', *command))}\n\n```text\n{said.rstrip()}\n```\n"


def command_page() -> str:
    """The text of command.md."""
    return COMMAND_INTRO + "".join(section_of(command, help_of(command)) for command in COMMANDS)


def python_page() -> str:
    """The text of python.md."""
    names = sorted(name for name in streamdepth.__all__ if not name.startswith("_"))
    return PYTHON_INTRO + "".join(f"\n{entry}\n" for name in names for entry in entries(name))


def entries(name: str) -> Iterator[str]:
    """The heading of a name, its docstring, and a line for each thing in it."""
    [node] = ast.parse(textwrap.dedent(inspect.getsource(getattr(streamdepth, name)))).body
    if isinstance(node, Function):
        yield f"## {name}\n\n{call(signature(node))}"
        yield said_of(node)
    else:
        assert isinstance(node, ast.ClassDef), name
        made = [method for method in node.body if isinstance(method, Function) and method.name == "__init__"]
        calls = [call(signature(method, name).removesuffix(" -> None")) for method in made]
        yield "\n\n".join((f"## {name}", *calls, said_of(node)))
        lines = [*fields(node), *methods(node)]
        if lines:
            yield "\n".join(lines)


def said_of(node: Function | ast.ClassDef) -> str:
    """Its docstring; an enumeration or a protocol of one line may have none."""
    return ast.get_docstring(node) or ""


def fields(node: ast.ClassDef) -> Iterator[str]:
    """A line for each public field or member, with the string that stands behind it."""
    for statement, behind in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign):
            name, value = ast.unparse(statement.target), ast.unparse(statement.annotation)
            shown = f"{name}: {value}" + (f" = {ast.unparse(statement.value)}" if statement.value else "")
        elif isinstance(statement, ast.Assign):
            name = ast.unparse(statement.targets[0])
            shown = name
        else:
            continue
        if not name.startswith("_"):
            yield item(shown, text_of(behind))


def text_of(statement: ast.stmt | None) -> str:
    """The string that a statement is; empty for any other."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return inspect.cleandoc(str(statement.value.value))
    return ""


def methods(node: ast.ClassDef) -> Iterator[str]:
    """A line for each public method and property."""
    for method in node.body:
        if not isinstance(method, Function) or method.name.startswith("_"):
            continue
        decorators = {ast.unparse(decorator) for decorator in method.decorator_list}
        if any(decorator.endswith(".setter") for decorator in decorators):
            continue
        if decorators & {"property", "cached_property"}:
            shown = f"{method.name}: {ast.unparse(method.returns)}" if method.returns else method.name
        else:
            shown = signature(method)
        yield item(shown, said_of(method))


def call(signature: str) -> str:
    """How a name is called, as code."""
    return f"```python\n{textwrap.fill(signature, 110, subsequent_indent='    ')}\n```"


def signature(node: Function, name: str = "") -> str:
    """`name(arguments) -> what`, without `self`."""
    arguments = ast.unparse(node.args)
    for first in ("self, ", "cls, ", "self", "cls"):
        if arguments.startswith(first):
            arguments = arguments[len(first) :]
            break
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{name or node.name}({arguments}){returned}"


def item(shown: str, text: str) -> str:
    """A bullet: code, and what it is."""
    return f"* `{shown}`" + (f"\n{textwrap.indent(text, '  ')}" if text else "")


def main() -> None:
    """Write both pages."""
    (PAGES / "command.md").write_text(command_page(), encoding="utf-8")
    (PAGES / "python.md").write_text(python_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
