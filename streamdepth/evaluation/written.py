"""Depth that `--depth-output` wrote, judged in the place of a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from streamdepth.depthfiles.open import DepthFiles, open_depth
from streamdepth.errors import SourceError
from streamdepth.evaluation.rgbd import RgbdPair
from streamdepth.frames import DepthMap
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Written:
    """Depth maps with what their index says of the network that gave them: a `Subject`."""

    files: DepthFiles
    name: str
    sha256: str
    size: int
    runtime_name: str
    precision: str

    @classmethod
    def open(cls, path: Path) -> Written:
        """Open a set; raises as `open_depth`."""
        files = open_depth(path)
        origin = files.index.facts.origin
        model, settings = origin.get("model", {}), origin.get("settings", {})
        return cls(
            files,
            path.name,
            str(model.get("sha256", "")),
            int(settings.get("size", 0)),
            str(settings.get("engine", "unknown")),
            str(settings.get("precision", "unknown")),
        )

    def of(
        self, pairs: Sequence[RgbdPair], among: Sequence[RgbdPair] | None = None
    ) -> Iterator[tuple[RgbdPair, DepthMap]]:
        """Each pair with its map: by the name of its picture, or by its place `among` all where maps have no names.

        Raises `SourceError` where a pair has none, or where places say nothing.
        """
        among = pairs if among is None else among
        names = [listed.name for listed in self.files.index.pictures]
        if not any(names) and len(names) != len(among):
            raise SourceError(
                f"{self.files.path} has {len(names)} depth maps of a film, and there are {len(among)} pictures: "
                "they belong together by their order alone",
                "write it of the folder of these pictures",
            )
        keys = names if any(names) else [str(number) for number in range(len(names))]
        key_of = dict(zip(among, _keys(among, by_name=any(names)), strict=True))
        wanted = {key_of[pair]: pair for pair in pairs}
        there = set(keys)
        if missing := [pair for key, pair in wanted.items() if key not in there]:
            raise SourceError(
                f"{self.files.path} has no depth of {missing[0].colour}, and of {len(missing) - 1} more",
                "write it of the folder of these pictures",
            )
        for key, depth in zip(keys, self.files, strict=True):
            if key in wanted:
                yield wanted[key], depth


def _keys(pairs: Sequence[RgbdPair], *, by_name: bool) -> list[str]:
    if not by_name:
        return [str(number) for number in range(len(pairs))]
    names = [pair.colour.name for pair in pairs]
    (name, count), *_ = Counter(names).most_common(1)
    if count > 1:
        raise SourceError(f"{count} pictures are called {name}", "judge their folders one by one")
    return names
