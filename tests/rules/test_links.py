"""Every link in a page of ours leads to a file, and to a heading where it names one."""

import re

from places import REPOSITORY

PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
    *sorted((REPOSITORY / "scripts").rglob("*.md")),
]
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
MENTION = re.compile(r"\bdocs/[\w/-]+\.md\b")


def anchors(page):
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_links_lead_somewhere():
    broken, followed = [], 0
    for page in PAGES:
        for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
            file = (page.parent / target).resolve() if target else page
            followed += 1
            if not file.exists() or (anchor and anchor not in anchors(file)):
                broken.append(f"{page.relative_to(REPOSITORY)}: {target}#{anchor}")
    assert followed > 50
    assert broken == []


def test_pages_that_code_and_pages_name_are_there():
    sources = [*PAGES, *(REPOSITORY / "streamdepth").rglob("*.py"), REPOSITORY / "pyproject.toml"]
    named = {name for source in sources for name in MENTION.findall(source.read_text(encoding="utf-8"))}
    assert named
    assert [name for name in sorted(named) if not (REPOSITORY / name).exists()] == []
