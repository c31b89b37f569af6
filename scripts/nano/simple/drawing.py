"""From seeds to pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch

from simple.atlas import Atlas, pack
from simple.layouts import KINDS, plan_scene
from simple.patterns import SIZE, draw_patterns, layers
from simple.rendering import SceneBatch, render
from streamdepth.errors import UsageError

GENERATOR_VERSION = 6
"""Raised whenever a seed draws another scene than before: part of the key of anything cached."""

_AT_ONCE = 32
"""Scenes in one go on a GPU; on a CPU one at a time, which stays in the cache."""


def draw_scenes(
    seeds: Sequence[int],
    *,
    height: int = 160,
    width: int = 160,
    device: str | torch.device = "cpu",
    kinds: Sequence[str] = (),
) -> SceneBatch:
    """Draw one random scene for each seed, on `device`; a seed's scene does not depend on its companions.

    Of all `layouts.KINDS`, or of those that `kinds` names. The first call on a device takes a second longer: it draws
    the patterns and the pictures that hang on walls.

    Raises:
        UsageError: there are no seeds, a seed is negative, the picture has no pixels, or a kind is not known.
    """
    if not seeds or min(seeds) < 0 or height < 1 or width < 1:
        raise UsageError(
            f"cannot draw {len(seeds)} scenes of {width}x{height}",
            "give seeds from 0 up and a size of at least 1x1",
        )
    if unknown := set(kinds) - KINDS.keys():
        raise UsageError(f"there are no scenes of kind {min(unknown)!r}", f"choose from {', '.join(KINDS)}")
    return _drawn(seeds, (height, width), standard_atlas(torch.device(device)), kinds)


@lru_cache(maxsize=4)
def standard_atlas(device: torch.device) -> Atlas:
    """All patterns, and pictures of some scenes, on this device."""
    patterns = torch.from_numpy(draw_patterns())
    kept = layers("picture")
    # Half the places stay abstract paintings; the seeds are far from those that anybody draws.
    seeds = [2**40 + layer for layer in kept[::2]] + [2**41 + layer for layer in kept[1::4]]
    shown = _drawn(seeds, (SIZE, SIZE), pack(patterns)).colour.permute(0, 2, 3, 1) / 255
    patterns[kept.start : kept.start + len(shown)] = shown**2.2
    return pack(patterns.to(device))


def _drawn(
    seeds: Sequence[int], size: tuple[int, int], atlas: Atlas, kinds: Sequence[str] = ()
) -> SceneBatch:
    step = 1 if atlas.texels.device.type == "cpu" else _AT_ONCE
    pieces = [seeds[start : start + step] for start in range(0, len(seeds), step)]
    parts = [render([plan_scene(seed, kinds) for seed in piece], piece, size, atlas) for piece in pieces]
    return SceneBatch(
        torch.cat([part.colour for part in parts]), torch.cat([part.inverse_depth for part in parts])
    )
