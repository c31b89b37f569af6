"""The page of licences names everything that the wheels here bring."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, metadata
from pathlib import Path

import pytest
from places import REPOSITORY

PAGE = (REPOSITORY / "docs" / "reference" / "licences.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FAMILIES = {"libQt5": "Qt 5", "libxcb": "libxcb", "libX": "libX11", "libopenblas": "libopenblas"}
"""Beginnings of names that are told once: `libxcb-shape` is of libxcb."""


def direct():
    extras = (lines for extra, lines in PROJECT["optional-dependencies"].items() if extra != "dev")
    wanted = [*PROJECT["dependencies"], *(line for lines in extras for line in lines)]
    return sorted(re.split(r"[<>=!~\[; ]", line)[0] for line in wanted)


def said_of(package):
    return re.search(rf"^\| {re.escape(package)}\b[^|]*\| ([^|]*) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("package", direct())
def test_every_direct_dependency_has_the_licence_that_it_tells(package):
    row = said_of(package)
    assert row, f"docs/reference/licences.md does not have {package}"
    try:
        told = metadata(package)
    except PackageNotFoundError:
        pytest.skip(f"not installed: {package}")
    fields = [told.get("License-Expression"), told.get("License"), *told.get_all("Classifier", [])]
    words = " ".join(field for field in fields if field)
    family = re.match(r"\**(BSD|MIT|Apache|GPL|PSF)", row[1])[1]
    assert family in words


def libraries(package):
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return set()
    names = [Path(file).name for file in files if re.search(r"\.libs/|\.dylibs/", str(file))]
    return {re.match(r"lib[A-Za-z]+\d*[A-Za-z]*(?:-amr[nw]b)?", name)[0] for name in names}


@pytest.mark.parametrize("package", ["av", "opencv-python", "numpy"])
def test_every_library_in_a_wheel_is_told(package):
    found = libraries(package)
    if not found:
        pytest.skip(f"{package} has no libraries in its wheel here")
    told = PAGE.partition("## Libraries")[2]
    unknown = {
        name
        for name in found
        if not any(name.startswith(family) and word in told for family, word in FAMILIES.items())
        and not re.search(rf"\b{re.escape(name)}", told)
    }
    assert unknown == set()


def test_the_wheel_of_pyav_is_linked_to_what_the_page_says():
    """The licence that FFmpeg tells of itself is not that of the whole."""
    place = next(
        (Path(str(f.locate())) for f in distribution("av").files or [] if "libavcodec" in str(f)), None
    )
    if place is None:
        pytest.skip("PyAV is built on another FFmpeg here")
    content = place.read_bytes()
    assert b"libx264" in content
    assert b"libx265" in content
    assert re.search(rb"libavcodec license: (L?GPL version \d[\d.]* or later)", content)[1] == (
        b"LGPL version 3 or later"
    )
