"""docs/design/where.md: each task is one path, and the path is there."""

import re

from places import REPOSITORY

PAGE = REPOSITORY / "docs" / "design" / "where.md"
ROW = re.compile(r"^\| (?P<task>.+) \| `(?P<path>[^`]+)` \|$", re.MULTILINE)


def test_each_task_names_one_file_that_is_there():
    text = PAGE.read_text(encoding="utf-8")
    rows = ROW.findall(text)
    assert len(rows) >= 12
    assert len(rows) == sum(line.startswith("| ") for line in text.splitlines()) - 1  # but the heads
    assert [path for _, path in rows if not (REPOSITORY / path).is_file()] == []
    assert len({task for task, _ in rows}) == len({path for _, path in rows}) == len(rows)
