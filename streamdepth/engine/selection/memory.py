"""The memory of what was chosen: a small file in the cache folder for each set of circumstances."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from streamdepth.engine.options import EngineOptions
from streamdepth.engine.runtimes.registry import BY_SPEED, with_int8
from streamdepth.engine.selection.model import ChosenFile, ChosenModel
from streamdepth.engine.selection.ways import Way
from streamdepth.files import write_whole
from streamdepth.machine import this_processor, thread_count
from streamdepth.models.export.conversions import package_version

_FORMAT = 2


class Memory:
    """What was measured under the same circumstances, in a small file of its own in the cache folder."""

    def __init__(self, cache_dir: Path, circumstances: Mapping[str, Any]) -> None:
        self._key = json.dumps({"format": _FORMAT, **circumstances}, sort_keys=True)
        name = sha256(self._key.encode()).hexdigest()[:16]
        self._path = cache_dir / "choices" / f"{name}.json"

    def read(self) -> dict[str, Any]:
        """What is kept; empty where nothing is, or a damaged file: it is measured again."""
        try:
            stored = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return stored if isinstance(stored, dict) and stored.get("key") == self._key else {}

    def write(self, found: Mapping[str, Any]) -> None:
        """Remember what was found, as JSON."""
        text = json.dumps({"key": self._key, **found}, indent=1)
        with suppress(OSError):  # where nothing can be remembered, the next start measures again
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text.encode())


class WayMemory(Memory):
    """The choice that was made under the same circumstances."""

    def recall(self, ways: Sequence[Way]) -> Way | None:
        """The choice, where there is one and it is among `ways`."""
        try:
            way = Way(**self.read()["way"])
        except (KeyError, TypeError):
            return None
        return way if way in ways else None

    def line(self) -> str | None:
        """The line that was printed about the choice; None where there is none."""
        printed = self.read().get("told")
        return printed if isinstance(printed, str) else None

    def keep(self, way: Way, line: str) -> None:
        """Remember a choice, with the line that was printed about it."""
        self.write({"way": asdict(way), "told": line})


def memory_of(chosen: ChosenModel | ChosenFile, options: EngineOptions, **more: str) -> WayMemory:
    """The memory of what was chosen for a network on this machine; `more` adds what else distinguishes the request."""
    return WayMemory(options.cache, {**_circumstances(chosen, options), **more})


def _circumstances(chosen: ChosenModel | ChosenFile, options: EngineOptions) -> dict[str, Any]:
    """All that the choice depends on."""
    return {
        **machine_facts(options.threads),
        "model": chosen.sha256,
        "int8": _int8_files(chosen, options),
        "size": options.size,
        "side_by_side": options.side_by_side,
        "engine": options.runtime,
        "precision": options.precision,
    }


def machine_facts(threads: int | None) -> dict[str, Any]:
    """What times depend on, beside the network: machine, packages, and how many threads work."""
    processor = this_processor()
    timed = [backend.package for backend in BY_SPEED if backend.is_timed]
    return {
        "processor": processor.name,
        "flags": sha256(" ".join(sorted(processor.flags or ())).encode()).hexdigest()[:16],
        "versions": {name: package_version(name) for name in ("streamdepth", *timed)},
        "threads": thread_count(threads),
    }


def _int8_files(chosen: ChosenModel | ChosenFile, options: EngineOptions) -> list[str]:
    if isinstance(chosen, ChosenFile):
        return []
    places = (chosen.int8_place(backend, options.cache) for backend in with_int8())
    return [path.name for place in places for path in place.conversion.candidates()]
