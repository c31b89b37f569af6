"""FFmpeg converts pictures in one thread: several write over each other's first pixels (docs/design/sources.md)."""

from __future__ import annotations

import ast

from places import REPOSITORY


def test_each_conversion_by_ffmpeg_is_in_one_thread() -> None:
    found, others = 0, []
    for path in sorted((REPOSITORY / "streamdepth").rglob("*.py")):
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if ".reformat(" in text else ():
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "reformat":
                found += 1
                if "threads=1" not in [ast.unparse(word).replace(" ", "") for word in node.keywords]:
                    others.append(f"{path.relative_to(REPOSITORY)}:{node.lineno}")
    assert found > 5
    assert others == []
