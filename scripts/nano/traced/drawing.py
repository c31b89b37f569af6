"""From seeds to pictures, in the chunks that the training reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streamdepth.training.scenes import ChunkName, Scenes, draw_chunk
from traced.camera import Camera
from traced.develop import develop
from traced.outdoors import draw_outdoors
from traced.rooms import draw_room
from traced.scene import Place
from traced.tracer import Effort, take
from traced.views import find_view
from traced.world import World

GENERATOR_VERSION = 104
"""Raised whenever a seed draws another picture than before. The generator in the package has 1 to 99."""
COUNT = 24
"""Pictures in a chunk."""
VIEWS = 6
"""Pictures of one place: loading its models takes as long as one picture."""
SIZES = ((192, 256), (192, 256), (256, 192), (192, 256), (128, 384), (192, 256), (224, 224), (192, 256))
"""(height, width) of chunks, in turns."""
OUTDOORS = 0.25
"""Share of places in the open."""
_ATTEMPTS = 20


@dataclass(frozen=True, eq=False)
class Picture:
    """A finished picture."""

    colour: NDArray[np.uint8]
    """(H, W, 3) RGB."""
    inverse: NDArray[np.float32]
    """(H, W) 1 / metres, 0 the sky, `dataset.UNKNOWN` where nobody knows."""
    note: dict[str, object]


def chunk_name(index: int) -> ChunkName:
    """What the chunk of this number, from 0, is called."""
    height, width = SIZES[index % len(SIZES)]
    return ChunkName(GENERATOR_VERSION, height, width, index * COUNT)


def write_chunk(folder: Path, index: int) -> int:
    """Draw a chunk unless it is there; returns how many pictures were drawn."""
    name = chunk_name(index)
    if (folder / f"{name}.colour.npy").exists():
        return 0

    def draw(seeds: Sequence[int], height: int, width: int) -> Scenes:
        pictures = draw_pictures(seeds, (height, width))
        notes = [picture.note for picture in pictures]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.notes.json").write_text(json.dumps(notes))
        colour = np.stack([picture.colour.transpose(2, 0, 1) for picture in pictures])
        return colour, np.stack([picture.inverse for picture in pictures]).astype(np.float16)

    draw_chunk(folder, name, COUNT, draw)
    return COUNT


def draw_pictures(seeds: Sequence[int], size: tuple[int, int]) -> list[Picture]:
    """The pictures of these seeds; seeds that fall into one `VIEWS` share their place."""
    pictures: list[Picture] = []
    for place in dict.fromkeys(seed // VIEWS for seed in seeds):
        wanted = [seed % VIEWS for seed in seeds if seed // VIEWS == place]
        pictures += _views(place, wanted, size)
    return pictures


def _views(number: int, wanted: Sequence[int], size: tuple[int, int]) -> list[Picture]:
    """Views of the first place of this number that has enough of them."""
    for attempt in range(_ATTEMPTS):
        rng = np.random.default_rng((GENERATOR_VERSION, number, attempt))
        place = _place(size, rng)
        world = place.stage.world()
        cameras = [
            find_view(place, world, np.random.default_rng((*_key(number, attempt), view)), size)
            for view in range(VIEWS)
        ]
        found = [camera for camera in cameras if camera is not None]
        if len(found) == VIEWS:
            return [
                _take(place, world, found[view], size, (*_key(number, attempt), view, 1)) for view in wanted
            ]
    raise RuntimeError(f"no place for number {number} in {_ATTEMPTS} attempts has {VIEWS} views")


def _place(size: tuple[int, int], rng: np.random.Generator) -> Place:
    """What is drawn wide is a street."""
    if size[1] > 2 * size[0]:
        return draw_outdoors(rng, ("street",))
    return draw_outdoors(rng) if rng.random() < OUTDOORS else draw_room(rng)


def _key(number: int, attempt: int) -> tuple[int, int, int]:
    return GENERATOR_VERSION, number, attempt


def _take(place: Place, world: World, camera: Camera, size: tuple[int, int], key: tuple[int, ...]) -> Picture:
    rng = np.random.default_rng(key)
    taken = take(world, place.lights, camera, size, rng, Effort())
    seen = sorted({world.names[thing] for thing in np.unique(taken.thing) if thing >= 0})
    note: dict[str, object] = {
        "place": place.kind,
        "camera": camera.kind,
        "degrees": round(float(2 * np.degrees(np.arctan(camera.tangent))), 1),
        "models": [name for name in seen if "/" in name],
    }
    return Picture(develop(taken.linear, rng), taken.inverse, note)
