#!/usr/bin/env python3
"""Who made the models that drawings may show, by licence, for the model card."""

from __future__ import annotations

import sys
from collections import defaultdict

from streamdepth.errors import StreamdepthError


def credit_lines() -> list[str]:
    """One line a licence: how many models, and their authors."""
    from traced.catalogue import entries

    authors: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for entry in entries().values():
        authors[entry.licence].add(" ".join(entry.creator.split()))
        counts[entry.licence] += 1
    return [
        f"{licence}, {counts[licence]} models: {', '.join(sorted(authors[licence], key=str.lower))}"
        for licence in sorted(authors)
    ]


if __name__ == "__main__":
    try:
        print("\n".join(credit_lines()))
    except StreamdepthError as error:
        sys.exit(f"credits: error: {error}")
