"""What a distribution holds is what the repository holds: `contents.py SDIST WHEEL`."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BESIDE = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore", "PKG-INFO")
"""What an sdist has beside the package and the pages that README leads to."""


def tracked(*folders: str) -> set[str]:
    """The files of the repository in `folders`."""
    command = ["git", "ls-files", "--", *folders]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def in_sdist(path: Path) -> set[str]:
    """Names in an sdist, without its own folder."""
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def in_wheel(path: Path) -> set[str]:
    """Names in a wheel, without what describes it."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    described = {name for name in names if ".dist-info/" in name}
    assert any(name.endswith("licenses/LICENSE") for name in described), "the wheel has no licence"
    return names - described


def main() -> int:
    """Say what is missing or too much; 0 where nothing is."""
    sdist, wheel = (Path(name) for name in sys.argv[1:])
    wrong = {
        "the wheel": in_wheel(wheel) ^ tracked("streamdepth"),
        "the sdist": in_sdist(sdist) ^ (tracked("streamdepth", "docs") | set(BESIDE)),
    }
    for what, names in wrong.items():
        for name in sorted(names):
            print(f"{what} and the repository differ in {name}")
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
